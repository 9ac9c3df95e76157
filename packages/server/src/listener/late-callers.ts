const AT_A_TIME = 16

/**
 * Deals with callers whose time is up a few at a time: one sweep finds all of them, and two
 * thousand answers in a row would keep good requests waiting.
 */
export class LateCallers<Caller> {
  readonly #waiting: Caller[] = []
  readonly #dismiss: (caller: Caller) => void

  constructor(dismiss: (caller: Caller) => void) {
    this.#dismiss = dismiss
  }

  /** Whether some of them still wait to be dealt with. */
  get isBusy(): boolean {
    return this.#waiting.length > 0
  }

  add(caller: Caller): void {
    this.#waiting.push(caller)
    if (this.#waiting.length === 1) setImmediate(() => this.#dismissSome())
  }

  #dismissSome(): void {
    for (const caller of this.#waiting.splice(0, AT_A_TIME)) this.#dismiss(caller)
    if (this.#waiting.length > 0) setImmediate(() => this.#dismissSome())
  }
}
