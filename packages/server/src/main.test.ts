import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { packageVersion } from './cli/package-version.ts'

const BIN = fileURLToPath(new URL('../bin/keyfence.js', import.meta.url))
const LINE = '{"id":1,"kind":"ip","input":"8.8.8.8"}\n'
const ANSWER = '{"id":1,"ok":true,"value":"8.8.8.8","warnings":[]}'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function keyfence(
  args: readonly string[],
  { node = process.execPath, bin = BIN, input = '' } = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(node, [bin, ...args], { input, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

/** The exit code of a child and what it said on standard error. */
async function ended(child: ChildProcess): Promise<{ code: number | null; err: string }> {
  let err = ''
  child.stderr?.on('data', (text) => {
    err += String(text)
  })
  await once(child, 'close')
  return { code: child.exitCode, err }
}

describe('the program as a process', () => {
  test('tells its version and nothing else', () => {
    expect(keyfence(['--version'])).toEqual({ code: 0, out: `${packageVersion()}\n`, err: '' })
  })

  test('exit codes reach the shell', () => {
    expect(keyfence(['entry', 'check', 'ip', '8.8.8.8']).code).toBe(0)
    expect(keyfence(['entry', 'check', 'ip', '10.0.0.1']).code).toBe(1)
    expect(keyfence(['entry', 'check', '--jsonl'], { input: 'x' }).code).toBe(2)
  })

  test('holds a conversation line by line', async () => {
    const child = spawn(process.execPath, [BIN, 'entry', 'check', '--jsonl'])
    const end = ended(child)
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    for (const _ of [1, 2, 3]) {
      child.stdin.write(LINE)
      expect((await answers.next()).value).toBe(ANSWER)
    }
    child.stdin.end()
    expect(await end).toEqual({ code: 0, err: '' })
  })

  test('ends quietly when its reader leaves (| head -1)', async () => {
    const child = spawn(process.execPath, [BIN, 'entry', 'check', '--jsonl'])
    const end = ended(child)
    child.stdin.on('error', () => undefined)
    const feed = (): void => {
      while (child.stdin.writable && child.stdin.write(LINE.repeat(1000)));
    }
    child.stdin.on('drain', feed)
    feed()
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await end).toEqual({ code: 0, err: '' })
  })

  test('node:sqlite comes without its warning, others with theirs', () => {
    const later = `process.once('beforeExit', () => import('node:sqlite').then(() => process.emitWarning('still shown', 'ExperimentalWarning')))`
    const preload = `--import=data:text/javascript,${encodeURIComponent(later)}`
    const { stderr } = spawnSync(process.execPath, [preload, BIN, '--version'], {
      encoding: 'utf8',
    })
    expect(stderr).toContain('still shown')
    expect(stderr).not.toContain('SQLite')
  })
})

describe('an older Node', () => {
  const found = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' }).stdout ?? ''
  const older = found.split('\n').find((path) => path !== '' && majorOf(path) < 24)

  test.skipIf(older === undefined)('hands over to the newer one that is installed', () => {
    const options = { node: older ?? '', input: LINE }
    expect(keyfence(['--version'], options)).toEqual({
      code: 0,
      out: `${packageVersion()}\n`,
      err: '',
    })
    expect(keyfence(['entry', 'check', '--jsonl'], options).out).toBe(`${ANSWER}\n`)
    expect(keyfence(['entry', 'check', 'ip', '10.0.0.1'], options).code).toBe(1)
  })

  test.skipIf(older === undefined)('says what it needs where there is none', () => {
    const bin = publishedPackage('')
    const { code, out, err } = keyfence(['--version'], { node: older ?? '', bin })
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(/^keyfence needs Node 24 or newer; this is [0-9.]+\.\n$/)
  })
})

describe('the published package', () => {
  test('runs what was built', () => {
    const bin = publishedPackage(`console.log('built', process.argv.slice(2).join(' '))`)
    expect(keyfence(['a', 'b'], { bin })).toEqual({ code: 0, out: 'built a b\n', err: '' })
  })

  test('a broken installation is no denial', () => {
    const bin = publishedPackage(`import 'no-such-package'`)
    const { code, err } = keyfence([], { bin })
    expect(code).toBe(2)
    expect(err).toContain('no-such-package')
  })
})

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A package as it is published: no sources. Gives its `bin/keyfence.js`. */
function publishedPackage(main: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-package-'))
  folders.push(folder)
  for (const name of ['bin', 'dist/node']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'dist/node/main.js'), main)
  const bin = join(folder, 'bin/keyfence.js')
  copyFileSync(BIN, bin)
  return bin
}

function majorOf(node: string): number {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return Number((stdout ?? '').split('.')[0])
}
