/** The lines of docs/nginx.md, docs/caddy.md and docs/haproxy.md, pasted as somebody would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ExampleName } from './example-rows.ts'
import { freePort, untilListening } from './running-example.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** How each is ended, and what its page calls the same on this machine. */
const STOPS: Readonly<Record<ExampleName, string>> = {
  nginx: 'nginx -s stop',
  caddy: 'caddy stop --address 127.0.0.1:ADMIN',
  haproxy: 'kill $(cat data/haproxy.pid)',
}

interface Place {
  readonly folder: string
  readonly keyfence: number
  readonly api: number
  readonly tls: number
  readonly admin: number
}

const started: ChildProcess[] = []
let place: Place
let stop = 'true'

afterEach(async () => {
  await runPasted(stop)
  for (const child of started.splice(0)) {
    // A shell stands before what it runs: the group is ended, which is our own.
    process.kill(-(child.pid ?? 0), 'SIGTERM')
    await once(child, 'exit')
  }
  rmSync(place.folder, { recursive: true, force: true })
})

test.each(['nginx', 'caddy', 'haproxy'] as const)(
  'docs/%s.md leads from a clone to a refusal',
  async (name) => {
    const { commands, output } = readPage(name)
    const [keyfence = '', api = '', setUp = '', calls = ''] = commands
    place = await placeFor(name)
    stop = STOPS[name].replace('ADMIN', String(place.admin))
    expect(keyfence.split('\n')[0]).toBe('npm install')
    await startPasted(keyfence.replace('npm install\n', ''), place.keyfence)
    await startPasted(api, place.api)
    const prepared = await runPasted(setUp)
    expect(prepared.code, prepared.text).toBe(0)
    const called = await runPasted(calls)
    expect(called.text).toBe(output)
  },
)

/** The blocks of the section, and the last one: what they print. */
function readPage(name: ExampleName) {
  const page = readFileSync(join(ROOT, `docs/${name}.md`), 'utf8')
  const [, section = ''] = page.split(/^## From a clone to a refusal$/m)
  const blocks = [...section.matchAll(/^```(sh)?\n([\s\S]*?)^```$/gm)]
  const commands = blocks.filter(([, kind]) => kind === 'sh').map(([, , text]) => text ?? '')
  const output = blocks.find(([, kind]) => kind === undefined)?.[2] ?? ''
  return { commands: commands.slice(0, 4), output }
}

async function placeFor(name: ExampleName): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-page-'))
  const [keyfence, api] = [await freePort(), await freePort()]
  const made = { folder, keyfence, api, tls: await freePort(), admin: await freePort() }
  for (const path of ['bin', 'data', 'etc/ssl', 'etc/nginx/conf.d', 'etc/haproxy', 'logs']) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  cpSync(join(ROOT, 'examples', name), join(folder, 'examples', name), { recursive: true })
  for (const file of readdirSync(join(folder, 'examples', name))) {
    const path = join(folder, 'examples', name, file)
    writeFileSync(path, placed(readFileSync(path, 'utf8'), made))
  }
  writeShims(folder)
  return made
}

/** What the checkout has installed in place of what npx would find, and an nginx of our own. */
function writeShims(folder: string): void {
  const shims = {
    npx: `PATH=${ROOT}/node_modules/.bin:$PATH exec "$@"`,
    nginx: `exec /usr/sbin/nginx -p ${folder} -c ${folder}/nginx.conf "$@"`,
  }
  for (const [name, line] of Object.entries(shims)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${line}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const main = `${user} pid ${folder}/nginx.pid; error_log ${folder}/logs/error; events {}
http { access_log off; ${temporary.join(' ')} include ${folder}/etc/nginx/conf.d/*.conf; }`
  writeFileSync(join(folder, 'nginx.conf'), main)
}

/** Ports and folders of the machine become our own; everything else stays as it is printed. */
function placed(text: string, { folder, keyfence, api, tls, admin }: Place): string {
  return text
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${keyfence}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${api}`)
    .replaceAll('listen(3000', `listen(${api}`)
    .replaceAll('/etc/', `${folder}/etc/`)
    .replaceAll('listen 443 ', `listen 127.0.0.1:${tls} `)
    .replaceAll('bind :443 ', `bind 127.0.0.1:${tls} `)
    .replaceAll('api.example:443:', `api.example:${tls}:`)
    .replaceAll('https://api.example/', `https://api.example:${tls}/`)
    .replaceAll('\napi.example {', `\nhttps://api.example:${tls} {\n\tbind 127.0.0.1`)
    .replaceAll(
      '{\n\tservers {',
      `{\n\tadmin 127.0.0.1:${admin}\n\tauto_https disable_redirects\n\tservers {`,
    )
}

function environment(): Record<string, string> {
  const { folder, keyfence } = place
  return {
    PATH: `${folder}/bin:/usr/sbin:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    KEYFENCE_LISTEN: `127.0.0.1:${keyfence}`,
    KEYFENCE_ADMIN_LISTEN: '127.0.0.1:0',
  }
}

/** In a terminal of its own, until it listens. */
async function startPasted(commands: string, port: number): Promise<void> {
  const child = spawn('/bin/bash', ['-c', placed(commands, place)], {
    cwd: place.folder,
    env: environment(),
    stdio: 'ignore',
    detached: true,
  })
  started.push(child)
  await untilListening(child, port)
}

/** Into a file, for a server that goes on in the background holds on to a pipe. */
async function runPasted(commands: string) {
  const path = join(place.folder, 'printed')
  const file = openSync(path, 'w')
  const child = spawn('/bin/bash', ['-c', placed(commands, place)], {
    cwd: place.folder,
    env: environment(),
    stdio: ['ignore', file, file],
  })
  const [code] = await once(child, 'exit')
  return { code, text: readFileSync(path, 'utf8') }
}
