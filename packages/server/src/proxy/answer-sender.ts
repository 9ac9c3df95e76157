import type { ServerResponse } from 'node:http'
import type { ReadVerdict } from './upstream/upstream-call.ts'

/**
 * Sends the body of an answer in as few writes as it can be: what was read at once leaves at once, a
 * short answer together with its header section. That is what an answer costs most by.
 */
export class AnswerSender {
  readonly #response: ServerResponse
  /** The last part that came, so that the end can leave with it. */
  #part: Buffer | undefined
  #isHeadSent = false
  /** Whether Node was given octets that the parts lie in. */
  #isLent = false

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** @param octets are needed until `flush` says otherwise. */
  add(octets: Buffer): void {
    if (this.#part !== undefined) this.#write(this.#part)
    this.#part = octets
  }

  end(trailers: readonly [name: string, value: string][]): void {
    const response = this.#response
    const part = this.#part
    this.#part = undefined
    if (trailers.length > 0) response.addTrailers([...trailers])
    if (part === undefined) response.end()
    else if (this.#joinsHead(part)) response.end(part.toString('latin1'), 'latin1')
    else response.end(this.#lent(part))
    this.#isHeadSent = true
  }

  /**
   * Sends what has come. The header section waits for nothing: the first server-sent event may be
   * minutes away.
   * @returns whether the octets of the parts are still needed; `full`: nothing more is to be read until
   * the socket drains.
   */
  flush(): ReadVerdict {
    const response = this.#response
    if (this.#part !== undefined) this.#write(this.#part)
    else if (!this.#isHeadSent) response.flushHeaders()
    this.#part = undefined
    this.#isHeadSent = true
    const { socket } = response
    socket?.uncork()
    const isLent = this.#isLent
    this.#isLent = false
    if (response.writableLength === 0) return 'free'
    if (socket?.writableNeedDrain === true) return 'full'
    return isLent ? 'held' : 'free'
  }

  #write(part: Buffer): void {
    const { socket } = this.#response
    // Node would hold it back until the next tick, when nobody is there to see whether it has left.
    if (socket?.writableCorked === 0) socket.cork()
    if (this.#joinsHead(part)) this.#response.write(part.toString('latin1'), 'latin1')
    else this.#response.write(this.#lent(part))
    this.#isHeadSent = true
  }

  /**
   * A short part is copied: one server-sent event that waits for a slow caller would keep a whole read
   * buffer, and thousands of them fit before the caller counts as late.
   */
  #lent(part: Buffer): Buffer {
    if (part.length <= COPIED_BYTES_MAX) return Buffer.from(part)
    this.#isLent = true
    return part
  }

  /** A short part as text is joined to the header section, and both are one write of one piece. */
  #joinsHead({ length }: Buffer): boolean {
    return !this.#isHeadSent && length <= JOINED_BYTES_MAX
  }
}

/** Node writes text of up to 16 KiB from its stack. */
const JOINED_BYTES_MAX = 8192
const COPIED_BYTES_MAX = 8192
