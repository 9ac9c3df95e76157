import type { Socket } from 'node:net'
import { closeFrame, FrameBoundaries } from './web-socket-frames.ts'
import type { WebSocketHandshake } from '../listener/web-socket-handshake.ts'

/** An open WebSocket: what either side sends goes to the other, with backpressure. */
export class WebSocketRelay {
  readonly #caller: Socket
  readonly #upstream: Socket
  readonly #toCaller = new FrameBoundaries()
  readonly #toUpstream = new FrameBoundaries()
  readonly #onEnd: () => void

  /** @param onEnd called once, when both connections are closed. */
  constructor({ socket, head }: WebSocketHandshake, upstream: Socket, onEnd: () => void) {
    this.#caller = socket
    this.#upstream = upstream
    this.#onEnd = onEnd
    if (head.length > 0) socket.unshift(head)
    relay(upstream, socket, this.#toCaller)
    relay(socket, upstream, this.#toUpstream)
    socket.once('close', () => this.#onClose(upstream))
    upstream.once('close', () => this.#onClose(socket))
    if (socket.destroyed) this.#onClose(upstream)
  }

  /**
   * Ends both sides with a close frame of that code. A side in the middle of a frame gets none: it
   * would be taken for payload.
   */
  close(code: number): void {
    for (const socket of [this.#caller, this.#upstream]) {
      socket.removeAllListeners('data')
      socket.resume()
    }
    if (this.#toCaller.isBetweenFrames) this.#caller.write(closeFrame(code, 'upstream'))
    if (this.#toUpstream.isBetweenFrames) this.#upstream.write(closeFrame(code, 'caller'))
    endSoon(this.#caller)
    endSoon(this.#upstream)
  }

  #onClose(other: Socket): void {
    if (other.closed || other.destroyed) this.#onEnd()
    else endSoon(other)
  }
}

/** How long a side that reads nothing may keep its connection after the other is gone. */
const LINGER_MS = 5_000

function relay(from: Socket, to: Socket, boundaries: FrameBoundaries): void {
  from.on('error', () => from.destroy())
  from.on('data', (chunk: Buffer) => {
    boundaries.advance(chunk)
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  // A WebSocket has no half-closed state (RFC 6455 §7.1.1): who ends has said everything.
  from.on('end', () => endSoon(to))
}

function endSoon(socket: Socket): void {
  socket.setTimeout(LINGER_MS, () => socket.destroy())
  socket.destroySoon()
}
