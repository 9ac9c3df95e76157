import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, '../../bin/keyfence.js')

/** What `npm start` runs, and what it has printed. */
export interface StartedDemo {
  /** The link that opens the console signed in. */
  readonly consoleLink: string
  /** Where requests are judged: `http://127.0.0.1:PORT`. */
  readonly url: string
  readonly folder: string
  /** Ends it at once; its folder stays. */
  kill(): Promise<void>
}

/**
 * Starts the demo as `npm start` does once everything is installed and built. Its launcher would install
 * again what another command has installed, below the tests that run.
 */
export async function startDemo(): Promise<StartedDemo> {
  const child = spawn(process.execPath, [PROGRAM, 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed = await printedUntil(child, 'Ctrl-C')
  return {
    consoleLink: found(printed, /^Console\s+(\S+)/m),
    url: found(printed, /^Requests\s+(\S+)/m),
    folder: found(printed, /--data (\S+)/),
    kill: () => killed(child),
  }
}

/** A node that goes on with the data folder of a demo, at the same addresses. */
export interface GoingOn {
  close(): Promise<void>
}

/** Starts `keyfence serve` where a demo was killed, before an API that answers everything. */
export async function goOn(
  folder: string,
  listen: { readonly data: URL; readonly management: URL; readonly portal: URL },
): Promise<GoingOn> {
  const upstream = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo // it listens on TCP
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      'serve',
      `--data=${folder}`,
      `--listen=127.0.0.1:${listen.data.port}`,
      `--admin-listen=127.0.0.1:${listen.management.port}`,
      `--portal-listen=127.0.0.1:${listen.portal.port}`,
      `--upstream=http://127.0.0.1:${port}`,
      '--allow-private-addresses=true',
      '--log-level=warn',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await printedUntil(child, 'management')
  return { close: async () => void (await Promise.all([killed(child), closed(upstream)])) }
}

async function printedUntil({ stdout }: ChildProcess, end: string): Promise<string> {
  if (stdout === null) throw new Error('no standard output')
  let printed = ''
  for await (const line of createInterface({ input: stdout })) {
    printed += `${line}\n`
    if (line.includes(end)) {
      setImmediate(() => stdout.resume()) // reading lines ends with a pause
      return printed
    }
  }
  throw new Error(`it ended before it was ready:\n${printed}`)
}

function found(printed: string, pattern: RegExp): string {
  const text = pattern.exec(printed)?.[1]
  if (text === undefined) throw new Error(`no ${pattern.source} in:\n${printed}`)
  return text
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
