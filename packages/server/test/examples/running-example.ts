import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { listen } from '../../src/proxy/proxy-fixture.ts'
import type { ExampleSurroundings } from './example-world.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples')

/** A proxy as a process of its own, with its example as configuration. */
export interface RunningExample {
  /** TLS, on loopback. */
  readonly port: number
  /** What it has logged so far. */
  log(): string
  /** Ends the process. */
  stop(): Promise<void>
}

/** Texts of an example, each with what stands in its place. */
type Replacements = Readonly<Record<string, string>>

/** What is run, and what of its example differs on this machine. */
interface Program {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs `examples/nginx`.
 * @param careless what is replaced in it, as somebody might who does not know why it is there.
 */
export async function startNginx(
  world: ExampleSurroundings,
  careless: Replacements = {},
): Promise<RunningExample> {
  const { folder } = world
  const port = await freePort()
  writeExample(world, 'nginx/keyfence.conf', {
    ...placesOf(world),
    'listen 443 ssl http2;': `listen 127.0.0.1:${port} ssl http2;`,
    ...careless,
  })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const main = [
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `pid ${folder}/nginx.pid;`,
    'error_log stderr warn;',
    'worker_processes 1;',
    'events {}',
    `http { access_log off; ${temporary.join(' ')}`,
    `proxy_cache_path ${folder}/cache keys_zone=kept:1m; include ${folder}/keyfence.conf; }`,
  ]
  writeFileSync(join(folder, 'nginx.conf'), main.join('\n'))
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;']
  return startProgram({ command: ['/usr/sbin/nginx', ...options] }, port)
}

/** Runs `examples/caddy`. @param changes what is replaced in it. */
export async function startCaddy(
  world: ExampleSurroundings,
  changes: Replacements = {},
): Promise<RunningExample> {
  const { folder } = world
  const port = await freePort()
  writeExample(world, 'caddy/Caddyfile', {
    ...placesOf(world),
    '{\n\tservers {': `{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {`,
    'api.example {': `https://api.example:${port} {\n\tbind 127.0.0.1`,
    ...changes,
  })
  const options = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  return startProgram({ command: ['/usr/bin/caddy', ...options], env }, port)
}

/**
 * Runs `examples/haproxy`.
 * @param script what is replaced in its script, so that a test may break it.
 * @param changes what is replaced in its configuration.
 */
export async function startHaproxy(
  world: ExampleSurroundings,
  script: Replacements = {},
  changes: Replacements = {},
): Promise<RunningExample> {
  const { folder } = world
  const port = await freePort()
  writeExample(world, 'haproxy/keyfence.lua', { ...placesOf(world), ...script })
  writeExample(world, 'haproxy/haproxy.cfg', {
    ...placesOf(world),
    '/etc/haproxy/keyfence.lua': join(folder, 'keyfence.lua'),
    'bind :443 ': `bind 127.0.0.1:${port} `,
    ...changes,
  })
  const options = ['-db', '-f', join(folder, 'haproxy.cfg')]
  return startProgram({ command: ['/usr/sbin/haproxy', ...options] }, port)
}

/** Places that every example names, and where they are in a test. */
function placesOf({ keyfence, api, folder }: ExampleSurroundings): Replacements {
  return {
    '127.0.0.1:8080': `127.0.0.1:${keyfence.port}`,
    '127.0.0.1:3000': `127.0.0.1:${api.port}`,
    '/etc/ssl/api.example/': `${folder}/`,
  }
}

/** Writes an example into the folder; a text to be replaced that is not there fails the test. */
function writeExample({ folder }: ExampleSurroundings, path: string, places: Replacements): void {
  let text = readFileSync(join(EXAMPLES, path), 'utf8')
  for (const [from, to] of Object.entries(places)) {
    if (!text.includes(from) && !OPTIONAL.has(from)) throw new Error(`${path} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  writeFileSync(join(folder, path.slice(path.indexOf('/') + 1)), text)
}

/** Not in every file of an example. */
const OPTIONAL = new Set(['127.0.0.1:3000', '/etc/ssl/api.example/'])

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => void server.close(resolve))
  return port
}

async function startProgram({ command, env }: Program, port: number): Promise<RunningExample> {
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => log.push(chunk))
  }
  const text = (): string => Buffer.concat(log).toString()
  const exited = once(child, 'exit')
  await untilListening(child, port).catch((cause: unknown) => {
    throw new Error(`${program} did not start:\n${text()}`, { cause })
  })
  return {
    port,
    log: text,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Resolves when somebody listens there; rejects when the process ends before. */
export async function untilListening(child: ChildProcess, port: number): Promise<void> {
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    await passed(10)
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
