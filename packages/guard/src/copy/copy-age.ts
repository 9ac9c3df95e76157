import type { GuardClock } from '../guard/guard-world.ts'

/** How old the copy of the tokens is. Without a moment there is no copy yet. */
export class CopyAge {
  #moment: Moment | undefined
  /** How old it may be, if a snapshot said so; it counts until the first copy by the feed. */
  #snapshotAgeMsMax: number | undefined

  /** The copy was whole at that moment; `undefined`: nothing that is known counts any more. */
  set(moment: Moment | undefined): void {
    this.#moment = moment
    this.#snapshotAgeMsMax = undefined
  }

  /** The copy comes from a snapshot, which may be used for longer than a copy by the feed. */
  setFromSnapshot(moment: Moment, ageMsMax: number): void {
    this.#moment = moment
    this.#snapshotAgeMsMax = ageMsMax
  }

  /**
   * The age in milliseconds, by the clock that says more: one that is set back, or stands still while
   * the machine sleeps, hides nothing. `undefined`: there is no copy.
   */
  ageMs(clock: GuardClock): number | undefined {
    if (this.#moment === undefined) return undefined
    const { wall, monotonic } = this.#moment
    return Math.max(clock.now() - wall, clock.monotonicMs() - monotonic)
  }

  /** Whether the copy is young enough to be decided from. */
  isFresh(clock: GuardClock, maxStalenessMs: number): boolean {
    const ageMs = this.ageMs(clock)
    return ageMs !== undefined && ageMs <= Math.max(maxStalenessMs, this.#snapshotAgeMsMax ?? 0)
  }
}

/** A moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** This moment. */
export function momentNow(clock: GuardClock): Moment {
  return { wall: clock.now(), monotonic: clock.monotonicMs() }
}
