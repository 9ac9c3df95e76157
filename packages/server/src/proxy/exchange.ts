import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Answer } from '@keyfence/core'
import { type Dispatcher, errors } from 'undici'
import { failureAnswer, hasBody, sendAnswer } from '../listener/own-answer.ts'
import type { WebSocketHandshake } from '../listener/web-socket-handshake.ts'
import type { Passage } from './passage.ts'
import type { ProxyContext } from './proxy-settings.ts'
import { callerFields, callerTrailers, rawFields } from './response-fields.ts'
import { acceptHandshake } from './web-socket-handshake.ts'
import { WebSocketRelay } from './web-socket-relay.ts'

/** What an exchange is made of. */
export interface ExchangeParts {
  readonly passage: Passage
  readonly request: IncomingMessage
  /** Has its socket: requests that a caller pipelines wait for their turn before they get here. */
  readonly response: ServerResponse
  /** There if the request is a WebSocket handshake. */
  readonly handshake: WebSocketHandshake | undefined
  readonly context: ProxyContext
  /** Called once, when nothing of the exchange is left open. */
  readonly onEnd: (exchange: Exchange) => void
}

/** RFC 6455 §7.4.1: why a WebSocket is closed from here. */
export type CloseCode = typeof POLICY_VIOLATION | typeof GOING_AWAY
export const GOING_AWAY = 1001
export const POLICY_VIOLATION = 1008

/**
 * One request on its way to the upstream and the answer on its way back, streamed with backpressure
 * both ways. What goes wrong before the answer's header section is an answer of ours; after it, the
 * caller's connection is destroyed, so that half an answer never looks whole. A caller that leaves
 * ends the upstream's request.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Where the list of open exchanges has it. */
  slot = 0
  readonly passage: Passage
  readonly #parts: ExchangeParts
  #controller: Dispatcher.DispatchController | undefined
  #relay: WebSocketRelay | undefined
  #queueTimer: NodeJS.Timeout | undefined
  /** The outcome stands: what the upstream still says is not listened to. */
  #isSettled = false
  #isCut = false
  #hasBodyBegun = false

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.passage = parts.passage
    parts.response.once('close', () => this.#onResponseClose())
  }

  get socket(): Socket {
    return this.#parts.request.socket
  }

  /** Whether an answer has begun, so that the octets of another one would corrupt it. */
  get hasAnswered(): boolean {
    return this.#relay !== undefined || this.#parts.response.headersSent
  }

  /** Whether it was ended by a decision of ours, and is on its way out. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Gives up with 504 if no connection to the upstream becomes free in time. 0: waits for ever. */
  limitQueueing(timeoutMs: number): void {
    if (timeoutMs === 0 || this.#controller !== undefined || this.#isSettled) return
    this.#queueTimer = setTimeout(
      () => this.fail(new errors.ConnectTimeoutError('no upstream connection became free')),
      timeoutMs,
    )
  }

  /**
   * Ends the exchange because of a decision of ours: with `answer` where none has begun, a WebSocket
   * with a close frame, anything else by cutting it off.
   */
  cut(answer: Answer | undefined, closeCode: CloseCode): void {
    this.#isCut = true
    if (this.#relay !== undefined) {
      this.#relay.close(closeCode)
      return
    }
    const { request, response } = this.#parts
    if (answer === undefined || this.hasAnswered) this.socket.destroy()
    else sendAnswer(request, response, answer)
    this.#leaveUpstream()
  }

  /** Answers for an upstream that gave no answer, or breaks off the one that it had begun. */
  fail(error: Error): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#queueTimer)
    const { request, response, context } = this.#parts
    if (this.socket.destroyed) return
    const requestId = context.requestId()
    context.log.warn({ requestId, code: codeOf(error), reason: error.message }, 'upstream failed')
    if (this.hasAnswered) {
      breakOff(request)
      return
    }
    const status = TIMEOUTS.has(codeOf(error)) ? 504 : 502
    const { evidence } = this.passage
    sendAnswer(request, response, failureAnswer(status, { evidence, requestId }))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#queueTimer)
    // Thrown at, undici drops a queued request and keeps the connection; aborting would close it.
    if (this.#isSettled) throw new errors.RequestAbortedError()
    this.#controller = controller
    const { request, response } = this.#parts
    if (request.headers.expect !== undefined && request.httpVersionMinor > 0) {
      response.writeContinue()
    }
  }

  onResponseStart(...[controller, status, , statusMessage = '']: ResponseStart): void {
    if (status < 200 || this.#isSettled) return
    const { request, response, context } = this.#parts
    const received = rawFields(controller.rawHeaders)
    const { sharedCaching } = context.settings
    const isChunked = willBeChunked(request, status, received)
    const fields = callerFields(received, this.passage, { sharedCaching, isChunked })
    // An answer before the end of an upload is the last on its connection: nobody reads the rest.
    if (hasBody(request) && !request.complete) fields.push('Connection', 'close')
    response.writeHead(status, octetsOf(statusMessage), fields)
    // Most bodies arrive together with the header section and leave in one write with it; the first
    // server-sent event may be minutes away.
    process.nextTick(flushHead, this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const isFirst = !this.#hasBodyBegun
    this.#hasBodyBegun = true
    if (this.#isSettled || writeBody(this.#parts.response, chunk, isFirst)) return
    const { response, context } = this.#parts
    controller.pause()
    // Node destroys a socket that times out, and so ends the exchange.
    this.socket.setTimeout(context.settings.timeouts.callerStalledMs)
    response.once('drain', () => {
      this.socket.setTimeout(0)
      controller.resume()
    })
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#hasBodyBegun = true
    if (this.#isSettled) return
    this.#isSettled = true
    const { response } = this.#parts
    const trailers = callerTrailers(rawFields(controller.rawTrailers))
    if (trailers.length > 0) response.addTrailers(trailers)
    response.end()
  }

  onRequestUpgrade(...[controller, , , upstream]: RequestUpgrade): void {
    const { handshake, response, onEnd } = this.#parts
    if (this.#isSettled || handshake === undefined || !(upstream instanceof Socket)) {
      upstream.destroy()
      return
    }
    this.#isSettled = true
    response.detachSocket(handshake.socket)
    acceptHandshake(handshake, rawFields(controller.rawHeaders), this.passage)
    this.#relay = new WebSocketRelay(handshake, upstream, () => onEnd(this))
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(error)
  }

  /** Sends the header section if nothing of the body came with it. */
  flushHead(): void {
    if (!this.#hasBodyBegun && !this.#isSettled) this.#parts.response.flushHeaders()
  }

  #onResponseClose(): void {
    this.#leaveUpstream()
    this.#parts.onEnd(this)
  }

  #leaveUpstream(): void {
    clearTimeout(this.#queueTimer)
    if (this.#isSettled) return
    this.#isSettled = true
    this.#controller?.abort(new errors.RequestAbortedError())
  }
}

type ResponseStart = Parameters<Dispatcher.DispatchHandler['onResponseStart'] & {}>
type RequestUpgrade = Parameters<Dispatcher.DispatchHandler['onRequestUpgrade'] & {}>

const TIMEOUTS: ReadonlySet<unknown> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'ETIMEDOUT',
])

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}

/**
 * Writes a part of the body; false if the caller has to catch up. A short one that comes with the
 * header section becomes text: joined to it, both leave in one write of one piece, which is what an
 * answer costs most by.
 */
function writeBody(response: ServerResponse, chunk: Buffer, isFirst: boolean): boolean {
  return isFirst && chunk.length <= JOINED_BYTES_MAX
    ? response.write(chunk.toString('latin1'), 'latin1')
    : response.write(chunk)
}

/** Node writes text of up to 16 KiB from its stack. */
const JOINED_BYTES_MAX = 8192

function flushHead(exchange: Exchange): void {
  exchange.flushHead()
}

/** HTTP/1.0 takes the end of the connection for the end of the body, unless it is a reset. */
function breakOff({ socket, httpVersionMinor }: IncomingMessage): void {
  if (httpVersionMinor === 0) socket.resetAndDestroy()
  else socket.destroy()
}

/** Whether Node will frame the body in chunks (RFC 9112 §6.3): only then can trailers follow. */
function willBeChunked(
  request: IncomingMessage,
  status: number,
  fields: readonly string[],
): boolean {
  if (request.method === 'HEAD' || request.httpVersionMinor === 0) return false
  if (status === 204 || status === 304) return false
  return !fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length')
}

/** undici reads a reason phrase as UTF-8; sent as the octets that came, in Node's Latin-1. */
function octetsOf(statusMessage: string): string {
  return NOT_ASCII.test(statusMessage)
    ? Buffer.from(statusMessage).toString('latin1')
    : statusMessage
}

const NOT_ASCII = /[^\u0000-\u007f]/
