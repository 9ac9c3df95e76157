import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rolldown } from 'rolldown'
import { KEY, page, type RunningFeed, saved, sends, startFeed } from './running-feed.ts'

const ROOT = join(import.meta.dirname, '../../..')
const PATHS = ['express', 'fastify', 'fetch', 'hono', 'nest', 'next', 'node', 'snapshot']

let folder: string
let scope: string
let feed: RunningFeed

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-built-'))
  scope = join(folder, 'node_modules/@keyfence')
  execFileSync(process.execPath, [join(ROOT, 'scripts/build-packages.mjs'), scope, 'core', 'guard'])
  // What a registry would bring.
  for (const name of ['tldts', 'tldts-core', 'tr46', 'punycode']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  }
  feed = await startFeed()
})
afterAll(async () => {
  await feed.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The oldest Node of this machine that the guard is for; the one that runs this, if there is no other. */
function oldestNode(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
  const versions = [process.execPath, ...found].flatMap((program) => {
    const major = majorOf(program)
    return major === undefined || major < 20 ? [] : [{ program, major }]
  })
  const [oldest] = versions.sort((one, other) => one.major - other.major)
  return oldest?.program ?? process.execPath
}

function majorOf(program: string): number | undefined {
  try {
    const version = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return Number(/^v(\d+)/.exec(version)?.[1])
  } catch {
    return undefined // not in this folder
  }
}

const APPLICATION = `
import { createServer } from 'node:http'
import { createGuard } from '@keyfence/guard'
import { guarded } from '@keyfence/guard/node'
import { sealedFile } from '@keyfence/guard/snapshot'

const snapshot = sealedFile({ path: process.env.SNAPSHOT })
const guard = await createGuard({ url: process.env.KEYFENCE, key: process.env.KEY, snapshot })
await guard.ready
const server = createServer(guarded(guard, (request, response, call) => response.end(call.owner)))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const ask = async (token) => {
  const headers = { Authorization: 'Bearer ' + token }
  const answer = await fetch('http://127.0.0.1:' + server.address().port, { headers })
  return [answer.status, await answer.text()]
}
const answers = [await ask('one'), await ask('two'), await ask('nobody')]
server.close()
server.closeAllConnections()
await guard.close()
console.log(JSON.stringify(answers))
`

function run(program: string, script: string): Promise<string> {
  const path = join(folder, 'application.mjs')
  writeFileSync(path, script)
  const env = { KEYFENCE: feed.url, KEY, SNAPSHOT: join(folder, 'tokens.snapshot') }
  return new Promise((resolve, reject) => {
    const child = spawn(program, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(errors))))
  })
}

test('the built guard decides, reports, saves and ends on the oldest Node there is', async () => {
  const ips = { enabled: true, entries: ['9.9.9.9'] }
  feed.reply = sends(page({ changes: [saved(1, 'one'), saved(2, 'two', { ips })] }))
  expect(JSON.parse(await run(oldestNode(), APPLICATION))).toEqual([
    [200, 'alice'],
    [403, '{"error":"Access denied. You don\'t have permission to access this."}'],
    [401, '{"error":"Missing or invalid API token."}'],
  ])
  expect(feed.reported).toHaveLength(1)
  expect(readdirSync(folder)).toContain('tokens.snapshot')
})

test('every path of the package can be imported there, and has its types', async () => {
  const imports = PATHS.map((path) => `import * as ${path} from '@keyfence/guard/${path}'`)
  const told = `console.log([${PATHS.join()}].map((path) => Object.keys(path).length > 0).join())`
  const said = await run(oldestNode(), [...imports, told].join('\n'))
  expect(said.trim()).toBe(PATHS.map(() => 'true').join())
  for (const path of PATHS) {
    expect(readFileSync(join(scope, 'guard', path, 'index.d.ts'), 'utf8')).toMatch(/export/)
  }
})

/** What a bundler leaves of a script. */
async function bundled(script: string): Promise<string> {
  const input = join(folder, 'bundled.mjs')
  writeFileSync(input, script)
  const bundle = await rolldown({ input, platform: 'browser' })
  const { output } = await bundle.generate({ minify: true })
  await bundle.close()
  return output[0].code
}

test('a bundler keeps what is used, and no rule for entries, which are judged elsewhere', async () => {
  const door = await bundled(
    "import { keyfence } from '@keyfence/guard/hono'; globalThis.door = keyfence",
  )
  const guard = await bundled(
    "import { createGuard } from '@keyfence/guard'; globalThis.guard = createGuard",
  )
  const unused = await bundled("import { createGuard } from '@keyfence/guard'; globalThis.no = 1")
  expect(unused.length).toBeLessThan(50)
  expect(door.length).toBeLessThan(2_000)
  // With the list of public suffixes it would be several times that.
  expect(guard.length).toBeLessThan(50_000)
})

test('nothing of Node, of a framework or of a test is in what an application imports', () => {
  const files = readdirSync(join(scope, 'guard'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => name.includes('.test.'))).toEqual([])
  const code = files.filter((name) => name.endsWith('.js') && !name.startsWith('snapshot'))
  const imported = code.flatMap((name) =>
    [
      ...readFileSync(join(scope, 'guard', name), 'utf8').matchAll(/from ['"]([^.'"][^'"]*)['"]/g),
    ].map((match) => match[1]),
  )
  expect([...new Set(imported)]).toEqual(['@keyfence/core'])
  const { exports, devDependencies } = JSON.parse(
    readFileSync(join(scope, 'guard/package.json'), 'utf8'),
  )
  expect([Object.keys(exports).sort(), devDependencies]).toEqual([
    ['.', ...PATHS.map((path) => `./${path}`)],
    undefined,
  ])
})
