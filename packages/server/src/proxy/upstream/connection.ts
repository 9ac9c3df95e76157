import type { Socket } from 'node:net'
import type { ProxyTimeouts } from '../proxy-settings.ts'
import { sparingReads, type UpstreamPlace } from './connect-socket.ts'
import { KEPT_MS, keptMsBehind } from './kept-time.ts'
import { readingInto } from './read-buffer.ts'
import { type RequestHead, requestHead } from './request-head.ts'
import { type RequestEvents, RequestWriter, writeRequest } from './request-writer.ts'
import {
  type ReadingState,
  type ResponseEvents,
  type ResponseHead,
  ResponseReader,
} from './response-reader.ts'
import type { CallCarrier, ReadVerdict, UpstreamCall } from './upstream-call.ts'
import type { UpstreamFailure } from './upstream-failure.ts'

/** Whoever keeps connections. */
export interface ConnectionKeeper {
  /** It may be given a call. */
  onFree(connection: UpstreamConnection): void
  /**
   * It is of no more use, or belongs to a WebSocket.
   * @param unsent a call that was waiting for it, of which nothing has gone out.
   */
  onGone(connection: UpstreamConnection, unsent: UpstreamCall | undefined): void
}

export interface ConnectionParts {
  readonly place: UpstreamPlace
  readonly timeouts: ProxyTimeouts
  readonly keeper: ConnectionKeeper
}

/**
 * One connection to the upstream, with one exchange at a time on it. Kept for the next one only where
 * both messages ended as they said they would; in any doubt it is destroyed, because what is left on
 * it would be taken for the answer to somebody else (RFC 9112 §11.2).
 */
export class UpstreamConnection implements CallCarrier {
  readonly #parts: ConnectionParts
  readonly #socket: Socket
  #phase: 'connecting' | 'idle' | 'request' | 'response' | 'upgraded' | 'gone' = 'connecting'
  #call: UpstreamCall | undefined
  #reader: ResponseReader | undefined
  #writer: RequestWriter | undefined
  #isRequestSent = false
  #isUpstreamAwaited = false
  /** The caller could not follow, and nothing more is read. */
  #isStopped = false
  /** How long it is kept behind the exchange; 0: not at all. */
  #keptMs = 0
  /** Of `performance.now()`: when the present phase has taken too long. */
  #deadline: number

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#deadline = deadlineIn(parts.timeouts.upstreamConnectMs)
    this.#socket = parts.place.connect(
      readingInto((octets) => this.#onOctets(octets)),
      () => this.#onConnected(),
    )
    sparingReads(this.#socket, () => this.#onUnwritable())
    this.#socket.on('drain', () => this.#writer?.drain())
    this.#socket.on('error', (error) => this.#onError(error))
    this.#socket.on('end', () => this.#onEnd())
    this.#socket.on('close', () => this.#onLost(OTHER_SIDE_CLOSED))
  }

  get isConnecting(): boolean {
    return this.#phase === 'connecting'
  }

  get isGone(): boolean {
    return this.#phase === 'gone'
  }

  /** Takes a call. While it connects, the call begins by itself. */
  take(call: UpstreamCall): void {
    call.moveTo(this)
    this.#call = call
  }

  /** Sends the request of its call, if it has one that has not begun. What of it is there goes at once. */
  begin(): void {
    const call = this.#call
    if (this.#phase !== 'idle' || call === undefined) return
    const { request } = call
    const outgoing = { ...request, hasBody: request.body !== undefined }
    const head = requestHead(outgoing, this.#parts.place.authority)
    if (head === undefined) {
      this.#call = undefined
      this.#parts.keeper.onFree(this)
      call.end({ code: 'request_malformed', reason: 'a request that cannot be written' })
      return
    }
    try {
      this.#send(call, head)
    } catch (error) {
      this.#fail({ code: 'request_malformed', reason: String(error) })
    }
  }

  /** Ends what has taken too long. */
  expire(now: number): void {
    if (now < this.#deadline) return
    switch (this.#phase) {
      case 'connecting':
        this.#fail({ code: 'connect_timeout', reason: 'no connection in time' })
        break
      case 'request':
        this.#fail(this.#isUpstreamAwaited ? NO_ANSWER : NO_MORE_OF_REQUEST)
        break
      case 'response':
        this.#fail({ code: 'response_incomplete', reason: 'nothing more of the answer in time' })
        break
      case 'idle':
      case 'upgraded':
      case 'gone':
        this.#destroy()
    }
  }

  /** Ends it whatever it does. */
  close(failure: UpstreamFailure): void {
    this.#fail(failure)
  }

  drop(call: UpstreamCall): void {
    if (call !== this.#call) return
    if (this.#phase === 'request' || this.#phase === 'response') {
      this.#destroy()
      return
    }
    this.#call = undefined
    this.#parts.keeper.onFree(this)
  }

  resume(call: UpstreamCall): void {
    if (call !== this.#call || this.#phase !== 'response') return
    this.#deadline = deadlineIn(this.#parts.timeouts.upstreamIdleMs)
    this.#readOn()
  }

  /** Starts reading again, and takes nothing: what is read goes where `onread` says. */
  #readOn(): void {
    this.#isStopped = false
    this.#socket.read(0)
  }

  #send({ request, listener }: UpstreamCall, head: RequestHead): void {
    const { body } = request
    this.#phase = 'request'
    this.#awaitResponse(false)
    this.#keptMs = head.keepsConnection ? KEPT_MS : 0
    this.#reader = new ResponseReader(request, this.#responseEvents)
    this.#isRequestSent = false
    listener.onStart()
    if (body === undefined) {
      writeRequest(this.#socket, head)
      this.#requestEvents.onSent()
    } else {
      this.#writer = new RequestWriter({ socket: this.#socket, head }, body, this.#requestEvents)
    }
  }

  readonly #requestEvents: RequestEvents = {
    onSent: () => {
      this.#isRequestSent = true
      this.#awaitResponse(true)
    },
    onStall: (isStalled) => this.#awaitResponse(isStalled),
    onFailure: (failure) => this.#fail(failure),
  }

  /**
   * The upstream takes nothing more. It may have answered before it had the whole request, and closed:
   * that answer is on its way, or its connection's end is.
   */
  #onUnwritable(): boolean {
    if (this.#phase !== 'request' && this.#phase !== 'response') return false
    this.#writer?.stop()
    this.#keptMs = 0
    this.#awaitResponse(true)
    return true
  }

  /** It is the upstream that is waited for, or it is the caller. */
  #awaitResponse(isAwaited: boolean): void {
    if (this.#phase !== 'request') return
    const { upstreamResponseMs, callerStalledMs } = this.#parts.timeouts
    this.#isUpstreamAwaited = isAwaited
    this.#deadline = deadlineIn(isAwaited ? upstreamResponseMs : callerStalledMs)
  }

  readonly #responseEvents: ResponseEvents = {
    // The caller may be waited for still: what the upstream says meanwhile gives it no more time.
    onInterim: () => {
      if (this.#isUpstreamAwaited) this.#awaitResponse(true)
    },
    onHead: (head) => {
      this.#phase = 'response'
      this.#keptMs = this.#keptMs === 0 ? 0 : keptMsBehind(head)
      this.#call?.listener.onHead(head)
    },
    onBody: (octets) => this.#call?.listener.onBody(octets),
    onEnd: (trailers) => this.#call?.listener.onEnd(trailers),
  }

  #onConnected(): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'idle'
    this.#deadline = deadlineIn(KEPT_MS)
    this.begin()
  }

  #onOctets(octets: Buffer): ReadVerdict {
    if (this.#phase === 'upgraded') return this.#socket.push(Buffer.from(octets)) ? 'free' : 'full'
    const call = this.#call
    const reader = this.#reader
    if (call === undefined || reader === undefined) {
      this.#destroy()
      return 'free'
    }
    try {
      return this.#advance(call, reader.read(octets))
    } catch (error) {
      this.#fail({ code: 'response_malformed', reason: String(error) })
      return 'held'
    }
  }

  #advance(call: UpstreamCall, state: ReadingState): ReadVerdict {
    // It gave up on what it was told, and nothing more is read.
    if (call !== this.#call) return 'held'
    switch (state.kind) {
      case 'malformed':
        this.#fail({ code: 'response_malformed', reason: state.reason })
        return 'held'
      case 'upgraded':
        this.#upgrade(call, state)
        return 'free'
      case 'whole': {
        const verdict = call.listener.onReadDone()
        this.#finish(call, state.hasExcess)
        return verdict === 'free' ? 'free' : 'held'
      }
      case 'unfinished':
        break
    }
    return this.#goOn(call)
  }

  #goOn(call: UpstreamCall): ReadVerdict {
    if (this.#phase !== 'response') return 'free'
    const verdict = call.listener.onReadDone()
    this.#isStopped ||= verdict === 'full'
    const { upstreamIdleMs } = this.#parts.timeouts
    this.#deadline = verdict === 'full' ? Number.POSITIVE_INFINITY : deadlineIn(upstreamIdleMs)
    return verdict
  }

  #finish(call: UpstreamCall, hasExcess: boolean): void {
    if (call !== this.#call) return
    if (hasExcess || this.#keptMs === 0 || !this.#isRequestSent) {
      this.#destroy()
      call.end(undefined)
      return
    }
    this.#phase = 'idle'
    this.#deadline = deadlineIn(this.#keptMs)
    this.#call = undefined
    this.#reader = undefined
    this.#writer = undefined
    // TLS tells what it has decrypted even after it was stopped, the end of the answer too: the next
    // one would never be read.
    if (this.#isStopped) this.#readOn()
    call.end(undefined)
    this.#parts.keeper.onFree(this)
  }

  #upgrade(
    call: UpstreamCall,
    state: { readonly head: ResponseHead; readonly rest: Buffer },
  ): void {
    this.#leave('upgraded')
    if (state.rest.length > 0) this.#socket.unshift(state.rest)
    call.end(undefined)
    call.listener.onUpgrade(state.head, this.#socket)
  }

  #onEnd(): void {
    const call = this.#call
    this.#keptMs = 0
    try {
      if (call === undefined || this.#reader?.end() !== true) {
        this.#onLost(OTHER_SIDE_CLOSED)
        return
      }
      call.listener.onReadDone()
      this.#finish(call, false)
    } catch (error) {
      this.#fail({ code: 'response_malformed', reason: String(error) })
    }
  }

  #onError(error: NodeJS.ErrnoException): void {
    const { code = '', message } = error
    // Of several addresses that were tried, the error has no message.
    const reason = message === '' ? code : message
    if (this.#phase === 'connecting') {
      const isTimeout = code === 'ETIMEDOUT'
      this.#fail({ code: isTimeout ? 'connect_timeout' : 'connect_failed', reason })
    } else if (code === 'ETIMEDOUT') this.#fail({ code: 'network_timeout', reason })
    else this.#onLost(reason)
  }

  #onLost(reason: string): void {
    if (this.#phase === 'connecting') this.#fail({ code: 'connect_failed', reason })
    else if (this.#reader?.hasBegun === true) this.#fail({ code: 'response_incomplete', reason })
    else this.#fail({ code: 'connection_lost', reason })
  }

  /** Destroys it, which fails its call; one that has not begun goes elsewhere. */
  #fail(failure: UpstreamFailure): void {
    const call = this.#call
    const hasBegun = this.#phase !== 'idle'
    this.#destroy()
    if (hasBegun) call?.end(failure)
  }

  #destroy(): void {
    if (this.#phase === 'gone' || this.#phase === 'upgraded') return
    this.#leave('gone')
    this.#socket.destroy()
  }

  #leave(phase: 'gone' | 'upgraded'): void {
    const unsent = this.#phase === 'idle' ? this.#call : undefined
    this.#phase = phase
    this.#writer?.stop()
    this.#call = undefined
    this.#reader = undefined
    this.#writer = undefined
    this.#deadline = Number.POSITIVE_INFINITY
    this.#parts.keeper.onGone(this, unsent)
  }
}

const NO_ANSWER = { code: 'response_timeout', reason: 'no answer in time' } as const
const NO_MORE_OF_REQUEST = {
  code: 'request_stalled',
  reason: 'nothing more of the request in time',
} as const
const OTHER_SIDE_CLOSED = 'the other side closed'

/** @param ms 0: never. */
function deadlineIn(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : performance.now() + ms
}
