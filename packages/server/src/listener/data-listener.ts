import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, type Server as NetServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { DoorLog } from '../enforcement/door-context.ts'
import { LateCallers } from './late-callers.ts'
import {
  failureAnswer,
  type FailureStatus,
  isAnsweredLast,
  sendAnswer,
  writeAnswer,
} from './own-answer.ts'
import {
  handshakeResponse,
  isWebSocketHandshake,
  type WebSocketHandshake,
} from './web-socket-handshake.ts'

/** What serves requests behind a data listener, and what the listener bears for it. */
export interface ServedDoor {
  readonly timeouts: DataListenerTimeouts
  readonly limits: DataListenerLimits
  /** Answers a request, now or later. What it throws is answered with 503. */
  readonly serve: (arrival: Arrival) => void
  readonly open: OpenRequests
  readonly log: DoorLog
}

/** Each in milliseconds; 0: no limit. */
export interface DataListenerTimeouts {
  /** For the caller to send its header section. */
  readonly headersMs: number
  /** For the caller to send a whole request: an upload that takes longer is cut. */
  readonly requestMs: number
  /** How long an idle connection of a caller is kept. */
  readonly keepAliveMs: number
}

export interface DataListenerLimits {
  /** Connections of callers; each has one request in progress at a time. */
  readonly connectionsMax: number
  readonly headerBytesMax: number
  readonly headerFieldsMax: number
}

/** A request and where its answer goes. */
export interface Arrival {
  readonly request: IncomingMessage
  /** Has its connection. */
  readonly response: ServerResponse
  /** There if the request is a WebSocket handshake. */
  readonly handshake: WebSocketHandshake | undefined
}

/** The requests that a door has begun and not finished. */
export interface OpenRequests {
  isOpenOn(connection: Duplex): boolean
  /** Whether an answer is on its way there, so that the octets of another one would corrupt it. */
  isAnsweringOn(connection: Duplex): boolean
  /** Resolves as soon as nothing is open. */
  whenEmpty(): Promise<void>
  cutAll(): void
}

/** Where a data listener listens. */
export interface ListenPlace {
  readonly host: string
  readonly port: number
  /** Whether others may listen there too, and the system gives each its share of the connections. */
  readonly reusePort?: boolean
}

/** A data listener that listens. */
export interface DataListener {
  readonly address: AddressInfo
  /** Takes no more connections, lets what is in progress finish for `drainMs`, then cuts it. */
  close(options: { readonly drainMs: number }): Promise<void>
}

/**
 * Starts the listener that callers reach. What is no request, or asks for a tunnel, is answered
 * here; nothing that goes wrong is an allow, and nothing ends the process.
 * @returns once it listens; rejects if it cannot.
 */
export async function startDataListener(
  door: ServedDoor,
  listen: ListenPlace,
): Promise<DataListener> {
  const listener: Listener = { door, waiting: new WeakMap(), isDraining: false }
  const server = createListenerServer(listener)
  const address = await startListening(server, listen)
  server.on('error', (error) => door.log.error({ err: error }, 'the listener failed'))
  return { address, close: async ({ drainMs }) => closeListener(server, listener, drainMs) }
}

interface Listener {
  readonly door: ServedDoor
  /** How many pipelined requests wait for their turn, by connection. */
  readonly waiting: WeakMap<Duplex, number>
  isDraining: boolean
}

function createListenerServer(listener: Listener): Server {
  const { timeouts, limits } = listener.door
  const { headersMs, requestMs } = timeouts
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: requestMs === 0 ? headersMs : Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: headersMs === 0 ? 1_000 : Math.min(headersMs, 1_000),
    // We tell it ourselves, in JSON, and a second one too.
    requireHostHeader: false,
    insecureHTTPParser: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: isWebSocketHandshake,
  })
  server.maxConnections = limits.connectionsMax
  // Releases of Node differ in what is beyond this count: refused, or dropped without a word, a
  // second Origin among it. We count instead.
  server.maxHeadersCount = 0
  listenToRequests(server, listener)
  return server
}

function listenToRequests(server: Server, listener: Listener): void {
  const { open } = listener.door
  const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
    serveInTurn({ request, response, handshake: undefined }, listener)
  server.on('request', onRequest)
  // Without this listener Node sends 100 by itself, before the request is judged.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) request.socket.destroy()
    else sendAnswer(request, response, failureAnswer(417, undefined))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    serveHandshake(request, { socket, head }, listener),
  )
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    if (open.isOpenOn(socket) || isAwaited(socket, listener)) socket.destroy()
    else writeAnswer(socket, failureAnswer(405, undefined))
  })
  const dismiss = (socket: Duplex, status: FailureStatus): void => {
    if (isAnsweredLast(socket)) {
      // Whoever has not taken the answer by now gets no more time.
      if (status === 408) socket.destroy()
      return
    }
    if (open.isAnsweringOn(socket) || isAwaited(socket, listener)) socket.destroy()
    else writeAnswer(socket, failureAnswer(status, undefined))
  }
  const lateCallers = new LateCallers<Duplex>((socket) => dismiss(socket, 408))
  server.on('clientError', (error: Error, socket: Duplex) => {
    const status = statusOf(error)
    if (status === 408) lateCallers.add(socket)
    else dismiss(socket, status)
  })
}

/** @returns where the server listens, once it does; rejects if it cannot. */
export async function startListening(server: NetServer, listen: ListenPlace): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address
}

/**
 * Serves the requests of one connection one after another. Callers that pipeline get their answers
 * in this order anyway, and a slow first one must not let them queue requests without bound.
 */
function serveInTurn(arrival: Arrival, listener: Listener): void {
  const { request, response } = arrival
  if (response.socket !== null) {
    serve(arrival, listener)
    return
  }
  const { socket } = request
  const waiting = (listener.waiting.get(socket) ?? 0) + 1
  listener.waiting.set(socket, waiting)
  if (waiting > PIPELINED_MAX) {
    socket.destroy()
    return
  }
  response.once('socket', () => {
    listener.waiting.set(socket, (listener.waiting.get(socket) ?? 1) - 1)
    // Node is about to flush what the response already holds, and must find it as it was.
    process.nextTick(serve, arrival, listener)
  })
}

const PIPELINED_MAX = 32

/** Whether the caller awaits answers that an answer of ours, sent now, would be taken for. */
function isAwaited(connection: Duplex, { waiting }: Listener): boolean {
  return (waiting.get(connection) ?? 0) > 0
}

function serveHandshake(
  request: IncomingMessage,
  upgrade: { readonly socket: Duplex; readonly head: Buffer },
  listener: Listener,
): void {
  const { socket, head } = upgrade
  // One that is pipelined behind an unanswered request has no connection to itself.
  const isBusy = listener.door.open.isOpenOn(socket) || isAwaited(socket, listener)
  if (isBusy || !(socket instanceof Socket)) {
    socket.destroy()
    return
  }
  const response = handshakeResponse(request, socket)
  serve({ request, response, handshake: { socket, head } }, listener)
}

function serve(arrival: Arrival, { door, isDraining }: Listener): void {
  const { request, response } = arrival
  if (request.socket.destroyed) return
  if (isDraining) response.shouldKeepAlive = false
  try {
    door.serve(arrival)
  } catch (error) {
    door.log.error({ err: error }, 'a request could not be judged')
    if (response.headersSent) request.socket.destroy()
    else sendAnswer(request, response, failureAnswer(503, undefined))
  }
}

/** The status for what Node could not read as a request. */
function statusOf(error: Error): FailureStatus {
  const code = 'code' in error ? error.code : undefined
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408
    default:
      return 400
  }
}

async function closeListener(server: Server, listener: Listener, drainMs: number): Promise<void> {
  const { open } = listener.door
  listener.isDraining = true
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  const drained = new AbortController()
  await Promise.race([open.whenEmpty(), sleep(drainMs, drained.signal)])
  drained.abort()
  open.cutAll()
  server.closeAllConnections()
  await closed
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
