import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * The body of a caller's request on its way to the upstream. It is destroyed when it is needed no
 * more, after a failure or an early answer; destroying the request itself would take the connection
 * that our answer goes out on.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage

  constructor(request: IncomingMessage) {
    super({ highWaterMark: request.readableHighWaterMark })
    this.#request = request
    request.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) request.pause()
    })
    request.on('end', () => this.push(null))
    request.on('close', () => {
      if (!request.complete)
        this.destroy(new Error('The caller left before its request was whole.'))
    })
    request.pause()
  }

  override _read(): void {
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#request.pause()
    callback(error)
  }
}
