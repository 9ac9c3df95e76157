import type { LookUpToken } from '@keyfence/core'
import type { Clock } from './clock.ts'

/** A moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/**
 * How old the copy of the tokens is, in memory that threads share: one thread follows the store and
 * says when the copy was whole, the others decide by it. Without a moment there is no copy yet.
 */
export class CopyAge {
  readonly memory: SharedArrayBuffer
  /** Odd while the moment is being changed: who reads then reads again. */
  readonly #version: Int32Array
  readonly #times: Float64Array

  /** @param memory another one's, to read from. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(MEMORY_BYTES)) {
    this.memory = memory
    this.#version = new Int32Array(memory, 0, 1)
    this.#times = new Float64Array(memory, TIMES_AT)
    if (Atomics.load(this.#version, 0) === 0) this.set(undefined)
  }

  /** The copy was whole at that moment; `undefined`: nothing that is known counts any more. */
  set(moment: Moment | undefined): void {
    Atomics.add(this.#version, 0, 1)
    this.#times[0] = moment?.wall ?? Number.NaN
    this.#times[1] = moment?.monotonic ?? Number.NaN
    Atomics.add(this.#version, 0, 1)
  }

  /**
   * The age in milliseconds, by the clock that says more: one that is set back, or stands still while
   * the machine sleeps, hides nothing. `undefined`: there is no copy.
   */
  ageMs(clock: Clock): number | undefined {
    for (;;) {
      const version = Atomics.load(this.#version, 0)
      const wall = this.#times[0] ?? Number.NaN
      const monotonic = this.#times[1] ?? Number.NaN
      if (version % 2 !== 0 || Atomics.load(this.#version, 0) !== version) continue
      if (Number.isNaN(wall)) return undefined
      return Math.max(clock.now() - wall, clock.monotonicMs() - monotonic)
    }
  }

  /** Whether the copy is young enough to be decided from. */
  isFresh({ clock, maxStalenessMs }: FreshnessBound): boolean {
    const ageMs = this.ageMs(clock)
    return ageMs !== undefined && ageMs <= maxStalenessMs
  }
}

/** How old a copy may be, and by which clock. */
export interface FreshnessBound {
  readonly clock: Clock
  readonly maxStalenessMs: number
}

/** As the fence says while its copy is fresh; `unavailable` otherwise. */
export function whileFresh(lookUp: LookUpToken, age: CopyAge, bound: FreshnessBound): LookUpToken {
  return (token) => (age.isFresh(bound) ? lookUp(token) : UNAVAILABLE)
}

const UNAVAILABLE = { state: 'unavailable' } as const

/** The version, and behind it the times, which have to lie at a multiple of 8. */
const TIMES_AT = 8
const MEMORY_BYTES = TIMES_AT + 2 * Float64Array.BYTES_PER_ELEMENT
