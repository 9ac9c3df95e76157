import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { UpstreamFailure } from './upstream-failure.ts'
import type { ResponseEvents, ResponseHead } from './response-reader.ts'
import type { OutgoingHead } from './request-head.ts'

/** A request as it goes out. */
export interface UpstreamRequest extends Omit<OutgoingHead, 'hasBody'> {
  /** Destroyed when nobody needs it any more. */
  readonly body: Readable | undefined
}

/**
 * What a request hears of: `onStart`, then the answer, then nothing more. `onFailure` may come at any
 * time and is the last; `onUpgrade` is one for a WebSocket's answer. Nothing is told before `dispatch`
 * has returned, and nothing after `abort`.
 */
export interface UpstreamListener extends Omit<ResponseEvents, 'onInterim'> {
  /** The request is about to go out. */
  onStart(): void
  /** What was read at once has been told: the time to send it on. */
  onReadDone(): ReadVerdict
  /** The connection belongs to the listener now, and its octets come as `data`. */
  onUpgrade(head: ResponseHead, socket: Socket): void
  onFailure(failure: UpstreamFailure): void
}

/**
 * What may become of the octets that were told: `free`, nobody needs them and they are overwritten;
 * `held`, they wait to be written; `full`, they do, and no more is read before `resume`.
 */
export type ReadVerdict = 'free' | 'held' | 'full'

/** One request and its answer, for whoever asked. */
export class UpstreamCall {
  readonly request: UpstreamRequest
  readonly listener: UpstreamListener
  #carrier: CallCarrier | undefined

  constructor(request: UpstreamRequest, listener: UpstreamListener) {
    this.request = request
    this.listener = listener
    // A caller may leave at any time. Later than this there is nobody to tell.
    request.body?.on('error', (error) => {
      this.#leave({ code: 'request_incomplete', reason: error.message })
    })
  }

  /** Gives the request up: out of the queue, or with its connection. */
  abort(): void {
    this.#leave(undefined)
  }

  /** Reads on after `full`. */
  resume(): void {
    this.#carrier?.resume(this)
  }

  /** For whoever takes it over: from here on `abort` and `resume` go there. */
  moveTo(carrier: CallCarrier): void {
    this.#carrier = carrier
  }

  /** For whoever carries it: nothing is left to be done. A failure is told to the listener. */
  end(failure: UpstreamFailure | undefined): void {
    if (this.#carrier === undefined) return
    this.#carrier = undefined
    this.request.body?.destroy()
    if (failure !== undefined) this.listener.onFailure(failure)
  }

  #leave(failure: UpstreamFailure | undefined): void {
    const carrier = this.#carrier
    this.end(failure)
    carrier?.drop(this)
  }
}

/** A queue or a connection that has a call. */
export interface CallCarrier {
  /** Lets go of it; the call has ended by itself. */
  drop(call: UpstreamCall): void
  resume(call: UpstreamCall): void
}
