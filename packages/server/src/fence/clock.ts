import type { EpochMs } from '@keyfence/core'

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
