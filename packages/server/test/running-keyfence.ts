import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { CheckProfileName } from '../src/config/config.ts'
import { PROGRAM } from './program.ts'

export const MANAGEMENT_KEY = 'acceptance-tests-only-0123456789abcdef'

/** `keyfence serve` as a process of its own, before an API that counts what reaches it. */
export interface RunningKeyfence {
  readonly url: string
  readonly managementUrl: string
  readonly folder: string
  /** Targets that reached the API. */
  readonly reached: readonly string[]
  readonly process: ChildProcess
  /** What it has logged so far. */
  log(): string
  /** What it has written to standard output so far. */
  output(): string
  /** Ends the process with the signal; resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  close(): Promise<void>
}

/**
 * Starts it on free ports and a data folder of its own (or `folder`), as a proxy or as a check
 * endpoint; resolves when it is ready.
 */
export async function startKeyfence(options: StartOptions): Promise<RunningKeyfence> {
  const { api, port, reached } = await startCountingApi()
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'keyfence-acceptance-'))
  const proxy = `--upstream=http://127.0.0.1:${port}`
  const child = spawn(
    process.execPath,
    [
      options.program ?? PROGRAM,
      'serve',
      `--data=${folder}`,
      `--listen=127.0.0.1:${options.listenPort ?? 0}`,
      `--admin-listen=127.0.0.1:${options.managementPort ?? 0}`,
      options.door === 'check' ? `--check-profile=${options.profile ?? 'plain'}` : proxy,
      `--log-level=${options.logLevel ?? 'warn'}`,
      ...(options.flags ?? []),
    ],
    {
      env: {
        PATH: process.env['PATH'],
        KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const exited = once(child, 'exit')
  const log: Buffer[] = []
  const output: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => log.push(chunk))
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  const [url, managementUrl] = await addressesOf(child).catch((cause: unknown) => {
    throw new Error(`keyfence did not start:\n${Buffer.concat(log).toString()}`, { cause })
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    url,
    managementUrl,
    folder,
    reached,
    process: child,
    log: () => Buffer.concat(log).toString('latin1'),
    output: () => Buffer.concat(output).toString('latin1'),
    stop,
    close: async () => {
      await stop('SIGKILL')
      api.closeAllConnections()
      await new Promise((resolve) => api.close(resolve))
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface StartOptions {
  /** The command line's file, if not that of this checkout. */
  readonly program?: string
  readonly door?: 'proxy' | 'check'
  /** Of the check endpoint; `plain` where nothing is said. */
  readonly profile?: CheckProfileName
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly folder?: string
  readonly logLevel?: string
  readonly listenPort?: number
  readonly managementPort?: number
}

async function startCountingApi() {
  const reached: string[] = []
  const api = createServer((incoming, response) => {
    reached.push(incoming.url ?? '')
    response.end(JSON.stringify(incoming.headers))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port } = api.address() as AddressInfo // it listens on TCP
  return { api, port, reached }
}

async function addressesOf(child: ChildProcess): Promise<readonly [string, string]> {
  if (child.stdout === null) throw new Error('no standard output')
  const urls: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]
    if (url !== undefined) urls.push(url)
    const [data, management] = urls
    if (data !== undefined && management !== undefined) {
      setImmediate(() => child.stdout?.resume()) // reading lines ends with a pause
      return [data, management]
    }
  }
  throw new Error('it ended before it was ready')
}

/** What came back. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends one request with exactly these fields. */
export function send(
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

/** A management answer; tests look into its members. */
export interface ManagementAnswer {
  readonly status: number
  readonly body: ManagementBody
}

/** The members that tests read. */
interface ManagementBody {
  readonly id: string
  readonly secret: string
  readonly link: string
  readonly code: string
  readonly problems: readonly {
    readonly path: string
    readonly code: string
    readonly message: string
  }[]
  readonly restrictions: { readonly domains: { readonly entries: readonly unknown[] } }
}

/** Asks the management API with the environment's key. */
export async function manage(
  keyfence: RunningKeyfence,
  call: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
  body?: unknown,
): Promise<ManagementAnswer> {
  const [method = '', path = ''] = call.split(' ')
  const answer = await send(`${keyfence.managementUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${MANAGEMENT_KEY}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: answer.body === '' ? undefined : JSON.parse(answer.body) }
}
