import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, fetch as undiciFetch } from 'undici'
import type { Config } from '../config/config.ts'
import type { HttpOrigin } from '../config/http-origin.ts'
import { managementSocketPath } from '../node/management-socket.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { packageVersion } from './package-version.ts'

/** What the management API answered. */
export interface ManagementAnswer {
  readonly status: number
  /** Parsed JSON, `undefined` where there was no body. */
  readonly body: unknown
  /** The version of the token, where one was answered. */
  readonly etag: string | undefined
}

/** What goes with a question. */
export interface Sent {
  /** Sent as JSON. */
  readonly body?: unknown
  /** The version that must still be the present one. */
  readonly ifMatch?: string | undefined
  /** How long the answer may take, in milliseconds. */
  readonly timeoutMs?: number
}

/** The management API, wherever it is. */
export interface ManagementClient {
  /** @throws UnreachableError if nobody answers. */
  ask(method: string, path: string, sent?: Sent): Promise<ManagementAnswer>
  close(): Promise<void>
}

/** Nobody answers: the message says what to do. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/**
 * Finds the management API: the listener at `managementUrl`, else the running node's socket in the
 * data folder, else the store itself, opened for this one command.
 * @throws UnreachableError if there is neither.
 */
export async function connectManagement(config: Config): Promise<ManagementClient> {
  const { managementUrl, managementKey, data, databaseUrl } = config
  if (managementUrl !== undefined) return remoteClient(managementUrl, managementKey)
  const socketPath = managementSocketPath(data)
  if (socketPath !== undefined && existsSync(socketPath)) {
    const client = socketClient(socketPath)
    if (await answers(client)) return client
    await client.close()
  }
  if (databaseUrl === undefined && !existsSync(join(data, DATABASE_FILE))) {
    throw new UnreachableError(
      `There is no Keyfence in ${data}. Start "keyfence serve --data ${data}" first, or name another folder with --data, or a running node with --management-url.`,
    )
  }
  return inProcessClient(config)
}

function remoteClient(url: HttpOrigin, managementKey: string | undefined): ManagementClient {
  if (managementKey === undefined) {
    throw new UnreachableError(
      'With --management-url a management key is needed: put it into KEYFENCE_MANAGEMENT_KEY ("keyfence key create" makes one).',
    )
  }
  const headers = { authorization: `Bearer ${managementKey}` }
  return httpClient(url, { headers, dispatcher: new Agent() })
}

function socketClient(socketPath: string): ManagementClient {
  const dispatcher = new Agent({ connect: { socketPath } })
  return httpClient('http://localhost', { headers: {}, dispatcher })
}

function httpClient(
  origin: string,
  via: { readonly headers: Readonly<Record<string, string>>; readonly dispatcher: Agent },
): ManagementClient {
  return {
    ask: async (method, path, sent = {}) => {
      const { body, headers } = requestParts(sent)
      try {
        const response = await undiciFetch(`${origin}${path}`, {
          method,
          headers: { ...via.headers, ...headers },
          dispatcher: via.dispatcher,
          redirect: 'manual',
          signal: AbortSignal.timeout(sent.timeoutMs ?? ANSWER_TIMEOUT_MS),
          ...(body === undefined ? {} : { body }),
        })
        return await managementAnswer(response)
      } catch (cause) {
        const message = `${origin} does not answer. Is "keyfence serve" running there?`
        throw new UnreachableError(message, { cause })
      }
    },
    close: () => via.dispatcher.close(),
  }
}

/** A batch of imports on a slow disk is answered within seconds. */
const ANSWER_TIMEOUT_MS = 60_000

async function inProcessClient(config: Config): Promise<ManagementClient> {
  // Loaded here: most commands find a node that runs, and need nothing of what it is made of.
  const { openManagement } = await import('../node/open-management.ts')
  const management = await openManagement(config, packageVersion())
  return {
    ask: async (method, path, sent = {}) => {
      const { body, headers } = requestParts(sent)
      const request = new Request(`http://localhost${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      return managementAnswer(await management.fetch(request))
    },
    close: () => management.close(),
  }
}

function requestParts({ body, ifMatch }: Sent): {
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
} {
  return {
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
  }
}

async function managementAnswer(response: {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}): Promise<ManagementAnswer> {
  return {
    status: response.status,
    body: parseBody(await response.text()),
    etag: response.headers.get('etag') ?? undefined,
  }
}

async function answers(client: ManagementClient): Promise<boolean> {
  try {
    return (await client.ask('GET', '/healthz', { timeoutMs: 5000 })).status === 200
  } catch {
    return false
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
