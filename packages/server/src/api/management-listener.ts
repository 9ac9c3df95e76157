import { getRequestListener } from '@hono/node-server'
import { chmodSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Caller } from '../access/caller.ts'
import type { ApiEnv } from './api-context.ts'
import { ANSWER_FIELDS } from './gate/answer-fields.ts'

/** The part of the API that a listener needs. */
export interface ServedApi {
  fetch(request: Request, bindings: ApiEnv['Bindings']): Response | Promise<Response>
}

/**
 * Where to listen: on an address, where callers are told by their keys; or on a socket in the data
 * folder, where whoever may open it is the operator.
 */
export type ManagementPlace =
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string }

/** What one listener bears. Times in milliseconds. */
export interface ListenerLimits {
  readonly headersTimeoutMs: number
  /** The whole request with its body; 0: no limit. */
  readonly requestTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  readonly connectionsMax: number
  readonly headerBytesMax: number
}

/** A listener that runs. */
export interface ManagementListener {
  /** The port that was bound; `undefined` on a socket. */
  readonly port: number | undefined
  /** Takes no new connections and ends idle ones; resolves when the last request is answered. */
  close(): Promise<void>
}

/**
 * Serves the API on an address or a socket. A socket that a dead process left is replaced.
 * @throws the error of `listen`: `EADDRINUSE` where somebody else listens.
 */
export async function startManagementListener(
  api: ServedApi,
  place: ManagementPlace,
  limits: ListenerLimits,
): Promise<ManagementListener> {
  const caller: Caller | undefined = 'socketPath' in place ? { kind: 'operator' } : undefined
  const server = serverOf(api, caller, limits)
  if ('socketPath' in place) await listenOnSocket(server, place.socketPath)
  else await listening(server, place)
  const address = server.address()
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    close: () => closed(server),
  }
}

/** How often Node looks for connections that are past their times. */
const CHECK_INTERVAL_MS = 1000

function serverOf(api: ServedApi, caller: Caller | undefined, limits: ListenerLimits): Server {
  const listener = getRequestListener(
    (request, { incoming }) => api.fetch(request, { caller, peer: incoming.socket.remoteAddress }),
    {
      overrideGlobalObjects: false,
      errorHandler: () => unreadable(),
    },
  )
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.headerBytesMax,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (incoming, outgoing) => {
      // Whoever asks again as soon as they are answered, as a guard does, would keep it open for ever.
      if (!server.listening) outgoing.setHeader('Connection', 'close')
      void listener(incoming, outgoing)
    },
  )
  server.maxConnections = limits.connectionsMax
  return server
}

/** A target or host of which no URL can be made never reaches the API. */
function unreadable(): Response {
  const body = {
    type: 'urn:keyfence:problem:invalid_request',
    title: 'The request is not as documented.',
    status: 400,
    code: 'invalid_request',
    detail: 'Check the request target and the Host field.',
  }
  const headers = { 'Content-Type': 'application/problem+json', ...ANSWER_FIELDS }
  return new Response(JSON.stringify(body), { status: 400, headers })
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await isLeftBehind(path)) rmSync(path, { force: true })
  await listening(server, { path })
  // The folder is its owner's alone; the socket says so too.
  chmodSync(path, 0o600)
}

/** A socket that nobody listens on any more refuses connections. A plain file does too, and stays. */
async function isLeftBehind(path: string): Promise<boolean> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return false
  return new Promise((resolve) => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}

function listening(server: Server, options: Parameters<Server['listen']>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
