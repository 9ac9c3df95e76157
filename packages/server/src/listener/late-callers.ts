import type { Duplex } from 'node:stream'

const AT_A_TIME = 16

/**
 * Deals with callers whose time is up a few at a time: Node finds all of them in one sweep, and two
 * thousand answers in a row would keep good requests waiting.
 */
export class LateCallers {
  readonly #waiting: Duplex[] = []
  readonly #dismiss: (socket: Duplex) => void

  constructor(dismiss: (socket: Duplex) => void) {
    this.#dismiss = dismiss
  }

  add(socket: Duplex): void {
    this.#waiting.push(socket)
    if (this.#waiting.length === 1) setImmediate(() => this.#dismissSome())
  }

  #dismissSome(): void {
    for (const socket of this.#waiting.splice(0, AT_A_TIME)) this.#dismiss(socket)
    if (this.#waiting.length > 0) setImmediate(() => this.#dismissSome())
  }
}
