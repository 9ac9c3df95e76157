import { setImmediate as settled } from 'node:timers/promises'

/** Whose work something is; a node that starts again is another one. */
export class Owner {
  readonly name: string
  /** Until then nothing of its happens: the process is stopped. */
  heldUntil = 0
  isGone = false

  constructor(name: string) {
    this.name = name
  }
}

interface Event {
  readonly at: number
  readonly owner: Owner
  readonly run: () => void
}

/**
 * All time there is: what waits, in the order in which it happens. Nothing that is simulated waits for
 * anything else, so that after each event everything stands still until the next.
 */
export class Schedule {
  /** Milliseconds since the beginning. */
  now = 0
  #events: Event[] = []

  /** @returns what ends the waiting */
  after(ms: number, owner: Owner, run: () => void): () => void {
    const event: Event = { at: this.now + ms, owner, run }
    this.#events.push(event)
    return () => {
      this.#events = this.#events.filter((other) => other !== event)
    }
  }

  /** Resolves after the time; of an owner that is gone, never. */
  pause(ms: number, owner: Owner): Promise<void> {
    return new Promise((resolve) => this.after(ms, owner, resolve))
  }

  /** The next event that is due until then, and all that follows from it at once. False: there is none. */
  async step(until: number): Promise<boolean> {
    this.#events = this.#events.filter(({ owner }) => !owner.isGone)
    let next: Event | undefined
    for (const event of this.#events) {
      if (next === undefined || dueAt(event) < dueAt(next)) next = event
    }
    if (next === undefined || dueAt(next) > until) return false
    this.now = Math.max(this.now, dueAt(next))
    this.#events.splice(this.#events.indexOf(next), 1)
    next.run()
    // Promises that are due settle before the machine has a turn for anything else.
    await settled()
    return true
  }
}

function dueAt({ at, owner }: Event): number {
  // A moment later than the process goes on, so that it may be asked before it has heard anything.
  return at < owner.heldUntil ? owner.heldUntil + 1 : at
}
