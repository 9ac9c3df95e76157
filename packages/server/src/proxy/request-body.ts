import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

const CALLER_LEFT = 'The caller left before its request was whole.'

/**
 * The body of a caller's request on its way to the upstream. It is destroyed when it is needed no
 * more, after a failure or an early answer; destroying the request itself would take the connection
 * that our answer goes out on.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  #hasBegun = false

  /** @param onBegun called once its first octets are there, or its end. */
  constructor(request: IncomingMessage, onBegun: () => void) {
    super({ highWaterMark: request.readableHighWaterMark })
    this.#request = request
    // What comes of a body that nobody took, because its request was answered before, ends no process.
    this.on('error', () => undefined)
    const begin = (): void => {
      if (!this.#hasBegun) onBegun()
      this.#hasBegun = true
    }
    request.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) request.pause()
      begin()
    })
    request.on('end', () => {
      this.push(null)
      begin()
    })
    request.on('close', () => {
      if (!request.complete) this.destroy(new Error(CALLER_LEFT))
    })
  }

  override _read(): void {
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#request.pause()
    callback(error)
  }
}
