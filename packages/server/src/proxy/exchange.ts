import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer, HeaderFields } from '@keyfence/core'
import { failureAnswer, type FailureStatus, hasBody, sendAnswer } from '../listener/own-answer.ts'
import type { WebSocketHandshake } from '../listener/web-socket-handshake.ts'
import { AnswerSender } from './answer-sender.ts'
import type { Passage } from './passage.ts'
import type { ProxyContext } from './proxy-settings.ts'
import { RequestBody } from './request-body.ts'
import { callerFields, callerTrailers } from './response-fields.ts'
import type { ResponseHead } from './upstream/response-reader.ts'
import type { Upstream } from './upstream/upstream.ts'
import type {
  ReadVerdict,
  UpstreamCall,
  UpstreamListener,
  UpstreamRequest,
} from './upstream/upstream-call.ts'
import { isTimeout, type UpstreamFailure } from './upstream/upstream-failure.ts'
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
export class Exchange implements UpstreamListener {
  /** Where the list of open exchanges has it. */
  slot = 0
  readonly passage: Passage
  readonly #parts: ExchangeParts
  readonly #sender: AnswerSender
  #call: UpstreamCall | undefined
  #relay: WebSocketRelay | undefined
  #queueTimer: NodeJS.Timeout | undefined
  /** The outcome stands: what the upstream still says is not listened to. */
  #isSettled = false
  #isCut = false
  /** The caller has to catch up before more of the answer is read. */
  #isCallerLate = false

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.passage = parts.passage
    this.#sender = new AnswerSender(parts.response)
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

  /**
   * Sends the request, one with a body once its beginning is there: callers that announce bodies and
   * send none keep no connection to the upstream from others.
   */
  begin(upstream: Upstream, outgoing: Omit<UpstreamRequest, 'body'>): void {
    const { request, response } = this.#parts
    // Left by the answer before, where this request was sent behind the one to that.
    if (this.socket.timeout !== 0) this.socket.setTimeout(0)
    if (!hasBody(request)) {
      this.#dispatch(upstream, { ...outgoing, body: undefined })
      return
    }
    if (request.headers.expect !== undefined && request.httpVersionMinor > 0) {
      response.writeContinue()
    }
    const body = new RequestBody(request, () =>
      this.#dispatchLater(upstream, { ...outgoing, body }),
    )
  }

  /** Nobody is there to catch what goes wrong now: thrown, it would end the process. */
  #dispatchLater(upstream: Upstream, request: UpstreamRequest): void {
    if (this.#isSettled) return
    try {
      this.#dispatch(upstream, request)
    } catch (error) {
      this.#call?.abort()
      this.onFailure({ code: 'connect_failed', reason: String(error) })
    }
  }

  /** Gives up with 504 if no connection to the upstream becomes free in time. */
  #dispatch(upstream: Upstream, request: UpstreamRequest): void {
    const { call, isQueued } = upstream.dispatch(request, this)
    this.#call = call
    const { upstreamResponseMs } = this.#parts.context.settings.timeouts
    if (!isQueued || upstreamResponseMs === 0) return
    const failure = { code: 'queue_timeout', reason: 'no upstream connection became free' } as const
    this.#queueTimer = setTimeout(() => {
      call.abort()
      this.onFailure(failure)
    }, upstreamResponseMs)
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

  onStart(): void {
    clearTimeout(this.#queueTimer)
  }

  onHead({ status, reasonPhrase, fields: received }: ResponseHead): void {
    const { request, response, context } = this.#parts
    const { sharedCaching } = context.settings
    const isChunked = willBeChunked(request, status, received)
    const isWithoutContent = status === 204
    const options = { sharedCaching, isChunked, isWithoutContent }
    const fields = callerFields(received, this.passage, options)
    // An answer before the end of an upload is the last on its connection: nobody reads the rest.
    if (hasBody(request) && !request.complete) fields.push('Connection', 'close')
    response.writeHead(status, reasonPhrase, fields)
  }

  onBody(octets: Buffer): void {
    this.#sender.add(octets)
  }

  onEnd(trailers: HeaderFields): void {
    this.#isSettled = true
    this.#sender.end(callerTrailers(trailers))
  }

  onReadDone(): ReadVerdict {
    const verdict = this.#sender.flush()
    // Node looks after a connection again only once all of its answer has left. Its keep-alive timer
    // takes this one's place then, or the next exchange ends it.
    if (this.#isSettled && !this.#parts.response.writableFinished) this.#limitCaller()
    // What has ended reads no more. TLS tells what it has decrypted even after it was stopped.
    if (verdict !== 'full' || this.#isSettled || this.#isCallerLate) return verdict
    this.#isCallerLate = true
    this.#limitCaller()
    this.socket.once('drain', () => {
      this.#isCallerLate = false
      this.socket.setTimeout(0)
      this.#call?.resume()
    })
    return verdict
  }

  /** Node destroys a socket that times out, and so ends the exchange. */
  #limitCaller(): void {
    this.socket.setTimeout(this.#parts.context.settings.timeouts.callerStalledMs)
  }

  onUpgrade({ fields }: ResponseHead, upstream: Socket): void {
    const { handshake, response, onEnd } = this.#parts
    if (handshake === undefined) {
      upstream.destroy()
      return
    }
    this.#isSettled = true
    response.detachSocket(handshake.socket)
    acceptHandshake(handshake, fields, this.passage)
    this.#relay = new WebSocketRelay(handshake, upstream, () => onEnd(this))
  }

  /** Answers for an upstream that gave no answer, or breaks off the one that it had begun. */
  onFailure(failure: UpstreamFailure): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#queueTimer)
    const { request, response, context } = this.#parts
    if (this.socket.destroyed) return
    const requestId = context.requestId()
    const status = statusFor(failure)
    if (status >= 500) context.log.warn({ requestId, ...failure }, 'upstream failed')
    if (this.hasAnswered) {
      breakOff(request)
      return
    }
    const answer = failureAnswer(status, { evidence: this.passage.evidence, requestId })
    sendAnswer(request, response, answer)
  }

  #onResponseClose(): void {
    this.#leaveUpstream()
    this.#parts.onEnd(this)
  }

  #leaveUpstream(): void {
    clearTimeout(this.#queueTimer)
    if (this.#isSettled) return
    this.#isSettled = true
    this.#call?.abort()
  }
}

/** Some failures are the caller's. */
function statusFor(failure: UpstreamFailure): FailureStatus {
  if (failure.code === 'request_stalled') return 408
  if (failure.code === 'request_malformed') return 400
  return isTimeout(failure) ? 504 : 502
}

/** HTTP/1.0 takes the end of the connection for the end of the body, unless it is a reset. */
function breakOff({ socket, httpVersionMinor }: IncomingMessage): void {
  if (httpVersionMinor === 0) socket.resetAndDestroy()
  else socket.destroy()
}

/** Whether Node will frame the body in chunks (RFC 9112 §6.3): only then can trailers follow. */
function willBeChunked(request: IncomingMessage, status: number, fields: HeaderFields): boolean {
  if (request.method === 'HEAD' || request.httpVersionMinor === 0) return false
  if (status === 204 || status === 304) return false
  return !fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length')
}
