import type { EpochMs } from '@keyfence/core'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** The two times that a node has; passed in, so that a test can say what they are. */
export interface Clock {
  /** Wall time. It may leap, in both directions. */
  now(): EpochMs
  /** Milliseconds that only grow, from an unknown start; it may stand still while the machine sleeps. */
  monotonicMs(): number
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // `performance.now()` starts at 0 in each thread, and threads compare their times.
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1e6
  },
}

/** How a node waits; passed in, so that a simulation can say when it has waited. */
export interface Timers {
  /** Calls `then` once after the time, which keeps no process alive. @returns what ends the waiting */
  after(ms: number, then: () => void): () => void
  /** Resolves when other work has had its turn. */
  nextTurn(): Promise<void>
}

/** The machine's own timers. */
export const systemTimers: Timers = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
  nextTurn: () => nextTurn(),
}
