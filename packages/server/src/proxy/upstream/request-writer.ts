import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { RequestHead } from './request-head.ts'
import type { UpstreamFailure } from './upstream-failure.ts'

/** What is told of a request on its way out. */
export interface RequestEvents {
  /** The request is whole. */
  onSent(): void
  /** The upstream takes no more for now; or it does, and the caller's next part is waited for. */
  onStall(isStalled: boolean): void
  /** The request cannot be finished as it was begun. */
  onFailure(failure: UpstreamFailure): void
}

/** Writes a request without a body. */
export function writeRequest(socket: Socket, { lines, expectsBody }: RequestHead): void {
  socket.write(expectsBody ? `${lines}content-length: 0\r\n\r\n` : `${lines}\r\n`, 'latin1')
}

/**
 * Writes a request with a body as it comes, with backpressure. The head leaves with the first part: a
 * body that turns out to be empty is then announced as what it is.
 */
export class RequestWriter {
  readonly #socket: Socket
  readonly #head: RequestHead
  readonly #body: Readable
  readonly #events: RequestEvents
  #written = 0
  #isOver = false

  constructor(
    to: { readonly socket: Socket; readonly head: RequestHead },
    body: Readable,
    events: RequestEvents,
  ) {
    this.#socket = to.socket
    this.#head = to.head
    this.#body = body
    this.#events = events
    body.on('data', (part: Buffer) => this.#write(part))
    body.on('end', () => this.#end())
  }

  /** The upstream takes more. */
  drain(): void {
    if (this.#isOver) return
    this.#events.onStall(false)
    this.#body.resume()
  }

  /** Writes nothing more. */
  stop(): void {
    this.#isOver = true
  }

  #write(part: Buffer): void {
    if (this.#isOver || part.length === 0) return
    const { bodyLength } = this.#head
    const isFirst = this.#written === 0
    this.#written += part.length
    // What is beyond the announced length would be read as another request.
    if (bodyLength !== undefined && this.#written > bodyLength) {
      this.#fail('a body longer than announced')
      return
    }
    this.#socket.cork()
    if (isFirst) this.#socket.write(this.#headText(), 'latin1')
    if (bodyLength === undefined) {
      this.#socket.write(`\r\n${part.length.toString(16)}\r\n`, 'latin1')
    }
    const takesMore = this.#socket.write(part)
    this.#socket.uncork()
    if (!takesMore) this.#body.pause()
    this.#events.onStall(!takesMore)
  }

  /** Each chunk brings the end of the line before it. */
  #headText(): string {
    const { lines, bodyLength } = this.#head
    return bodyLength === undefined
      ? `${lines}transfer-encoding: chunked\r\n`
      : `${lines}content-length: ${bodyLength}\r\n\r\n`
  }

  #end(): void {
    if (this.#isOver) return
    const { bodyLength } = this.#head
    if (bodyLength !== undefined && this.#written !== bodyLength) {
      this.#fail('a body shorter than announced')
      return
    }
    this.#isOver = true
    if (this.#written === 0) writeRequest(this.#socket, this.#head)
    else if (bodyLength === undefined) this.#socket.write('\r\n0\r\n\r\n', 'latin1')
    this.#events.onSent()
  }

  #fail(reason: string): void {
    this.#isOver = true
    this.#events.onFailure({ code: 'request_incomplete', reason })
  }
}
