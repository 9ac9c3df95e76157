import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PROGRAM } from '../program.ts'
import { MANAGEMENT_KEY, send } from '../running-keyfence.ts'

/** A `keyfence serve` that a test ends. */
export interface NodeProcess {
  /** Where it listens. @throws Error with its log if it ends before it is ready. */
  ready(): Promise<Listening>
  /** Sends the signal; resolves with the exit code when the process is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

export interface Listening {
  readonly url: string
  readonly managementUrl: string
}

/** Starts a node on a data folder and does not wait for it. */
export function startNodeProcess(options: {
  readonly folder: string
  readonly upstreamPort: number
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}): NodeProcess {
  const { folder, upstreamPort, flags = [], env = {} } = options
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      'serve',
      `--data=${folder}`,
      '--listen=127.0.0.1:0',
      '--admin-listen=127.0.0.1:0',
      `--upstream=http://127.0.0.1:${upstreamPort}`,
      '--log-level=warn',
      ...flags,
    ],
    {
      env: { KEYFENCE_MANAGEMENT_KEY: MANAGEMENT_KEY, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const log: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk))
  const exited = once(child, 'exit')
  return {
    ready: async () => {
      const listening = await listeningOf(child)
      if (listening !== undefined) return listening
      throw new Error(`the node did not become ready:\n${Buffer.concat(log).toString()}`)
    },
    stop: async (signal) => {
      child.kill(signal)
      await exited
      return child.exitCode
    },
  }
}

/** What its greeting says; `undefined` if it ended without one. */
async function listeningOf({ stdout }: ChildProcess): Promise<Listening | undefined> {
  if (stdout === null) return undefined
  let url: string | undefined
  for await (const line of createInterface({ input: stdout })) {
    url ??= /requests +(http:\S+)/.exec(line)?.[1]
    const managementUrl = /management +(http:\/\/[^/]+)/.exec(line)?.[1]
    if (url !== undefined && managementUrl !== undefined) return { url, managementUrl }
  }
  return undefined
}

/** What a node answered to a change; `undefined` if it died before. */
export type Acknowledged = { readonly status: number; readonly body: AcknowledgedBody } | undefined

interface AcknowledgedBody {
  readonly id: string
  readonly secret: string
}

/** Asks for a change, once: a node that dies answers nothing. */
export async function askFor(
  { managementUrl }: Listening,
  call: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<Acknowledged> {
  const authorization = `Bearer ${MANAGEMENT_KEY}`
  const { method, path, body } = call
  try {
    const answer = await send(`${managementUrl}${path}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: answer.body === '' ? undefined : JSON.parse(answer.body) }
  } catch {
    return undefined
  }
}

/** The status of a server's request with that token. */
export async function statusWith({ url }: Listening, token: string): Promise<number> {
  return (await send(url, { headers: { 'x-api-key': token } })).status
}
