import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { withoutQueryParameter } from '@keyfence/core'
import { admit } from './admission.ts'
import { Exchange } from './exchange.ts'
import { LateCallers } from './late-callers.ts'
import { OpenExchanges } from './open-exchanges.ts'
import {
  failureAnswer,
  type FailureStatus,
  hasBody,
  sendAnswer,
  writeAnswer,
} from './own-answer.ts'
import type { Passage } from './passage.ts'
import type { ProxyContext } from './proxy-settings.ts'
import { RequestBody } from './request-body.ts'
import { upstreamFields } from './request-fields.ts'
import { openUpstream, type Upstream } from './upstream.ts'
import {
  handshakeResponse,
  isWebSocketHandshake,
  type WebSocketHandshake,
} from './web-socket-handshake.ts'

/** A proxy that listens. */
export interface RunningProxy {
  readonly address: AddressInfo
  /** How many requests are in progress, WebSockets and streams included. */
  readonly openExchanges: number
  /**
   * Judges open exchanges again and cuts those no longer allowed: of one token when it changed, of
   * all from time to time, because tokens also expire.
   */
  recheck(tokenId?: string): void
  /** Takes no more connections, lets what is in progress finish for `drainMs`, then cuts it. */
  close(options: { readonly drainMs: number }): Promise<void>
}

/**
 * Starts the built-in proxy of spec §8.1: judges each request and streams the allowed ones to the
 * upstream.
 * @returns once it listens; rejects if it cannot.
 */
export async function startProxy(
  context: ProxyContext,
  listen: { readonly host: string; readonly port: number },
): Promise<RunningProxy> {
  const open = new OpenExchanges()
  const proxy: Proxy = {
    context,
    open,
    upstream: openUpstream(context.settings),
    waiting: new WeakMap(),
    isDraining: false,
  }
  const server = createProxyServer(proxy)
  const address = await startListening(server, listen)
  server.on('error', (error) => context.log.error({ err: error }, 'the listener failed'))
  return {
    address,
    get openExchanges() {
      return open.size
    },
    recheck: (tokenId) => open.recheck(tokenId, context),
    close: async ({ drainMs }) => closeProxy(server, proxy, drainMs),
  }
}

interface Proxy {
  readonly context: ProxyContext
  readonly open: OpenExchanges
  readonly upstream: Upstream
  /** How many pipelined requests wait for their turn, by connection. */
  readonly waiting: WeakMap<Socket, number>
  isDraining: boolean
}

/** A request and where its answer goes. */
interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly handshake: WebSocketHandshake | undefined
}

function createProxyServer(proxy: Proxy): Server {
  const { timeouts, limits } = proxy.context.settings
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
  const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
    serveInTurn({ request, response, handshake: undefined }, proxy)
  server.on('request', onRequest)
  // Without this listener Node sends 100 by itself, before the request is judged.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) request.socket.destroy()
    else sendAnswer(request, response, failureAnswer(417, undefined))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    serveHandshake(request, { socket, head }, proxy),
  )
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    if (proxy.open.isOpenOn(socket)) socket.destroy()
    else writeAnswer(socket, failureAnswer(405, undefined))
  })
  const dismiss = (socket: Duplex, status: FailureStatus): void => {
    if (proxy.open.isAnsweringOn(socket)) socket.destroy()
    else writeAnswer(socket, failureAnswer(status, undefined))
  }
  const lateCallers = new LateCallers((socket) => dismiss(socket, 408))
  server.on('clientError', (error: Error, socket: Duplex) => {
    const status = statusOf(error)
    if (status === 408) lateCallers.add(socket)
    else dismiss(socket, status)
  })
  return server
}

async function startListening(
  server: Server,
  listen: { readonly host: string; readonly port: number },
): Promise<AddressInfo> {
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
function serveInTurn(arrival: Arrival, proxy: Proxy): void {
  const { request, response } = arrival
  if (response.socket !== null) {
    serve(arrival, proxy)
    return
  }
  const { socket } = request
  const waiting = (proxy.waiting.get(socket) ?? 0) + 1
  proxy.waiting.set(socket, waiting)
  if (waiting > PIPELINED_MAX) {
    socket.destroy()
    return
  }
  response.once('socket', () => {
    proxy.waiting.set(socket, (proxy.waiting.get(socket) ?? 1) - 1)
    // Node is about to flush what the response already holds, and must find it as it was.
    process.nextTick(serve, arrival, proxy)
  })
}

const PIPELINED_MAX = 32

function serveHandshake(
  request: IncomingMessage,
  upgrade: { readonly socket: Duplex; readonly head: Buffer },
  proxy: Proxy,
): void {
  const { socket, head } = upgrade
  // One that is pipelined behind an unanswered request has no connection to itself.
  if (!(socket instanceof Socket) || proxy.open.isOpenOn(socket)) {
    socket.destroy()
    return
  }
  const response = handshakeResponse(request, socket)
  serve({ request, response, handshake: { socket, head } }, proxy)
}

/** Nothing that goes wrong here is an allow, and nothing ends the process. */
function serve(arrival: Arrival, proxy: Proxy): void {
  const { request, response, handshake } = arrival
  const { context } = proxy
  if (request.socket.destroyed) return
  if (proxy.isDraining) response.shouldKeepAlive = false
  try {
    const admission = admit(request, handshake !== undefined, context)
    if (admission.kind === 'pass') forward(arrival, admission.passage, proxy)
    else sendAnswer(request, response, admission.answer)
  } catch (error) {
    context.log.error({ err: error }, 'a request could not be judged')
    if (response.headersSent) request.socket.destroy()
    else sendAnswer(request, response, failureAnswer(503, undefined))
  }
}

function forward(arrival: Arrival, passage: Passage, { context, open, upstream }: Proxy): void {
  const { settings } = context
  const { tokenQuery } = settings.judge
  const { target } = passage.request
  const onEnd = (ended: Exchange): void => open.delete(ended)
  const exchange = new Exchange({ ...arrival, passage, context, onEnd })
  open.add(exchange)
  const outgoing = {
    method: passage.method,
    path: tokenQuery === undefined ? target : withoutQueryParameter(target, tokenQuery),
    headers: upstreamFields(passage, settings),
    body: hasBody(arrival.request) ? new RequestBody(arrival.request) : null,
    isWebSocket: arrival.handshake !== undefined,
  }
  const isFree = upstream.dispatch(outgoing, exchange)
  if (!isFree) exchange.limitQueueing(settings.timeouts.upstreamResponseMs)
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

async function closeProxy(server: Server, proxy: Proxy, drainMs: number): Promise<void> {
  proxy.isDraining = true
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  const drained = new AbortController()
  await Promise.race([proxy.open.whenEmpty(), sleep(drainMs, drained.signal)])
  drained.abort()
  proxy.open.cutAll()
  server.closeAllConnections()
  await closed
  await proxy.upstream.destroy()
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
