import type { EpochMs } from '@keyfence/core'
import type { ActivityBatch, DroppedActivity } from './activity-batch.ts'
import { SPANS_MS } from './call-count.ts'
import { type DroppedTally, type MemoryLeft, MinuteTally } from './minute-tally.ts'
import type { Observation } from './observation.ts'

/** What a collector needs of the world, and what it may hold. */
export interface CollectorOptions {
  readonly now: () => EpochMs
  /** Makes one for each refusal that was let through. */
  readonly requestId: () => string
  /** Refusals that wait to be written. */
  readonly refusalsMax: number
  /** Of one token and batch; see `refusalsMax`. */
  readonly refusalsPerTokenMax: number
}

/** How many distinct tokens, outcomes and values may wait to be written, at some 150 octets each. */
export const KEYS_MAX = 200_000

/**
 * Collects in memory what is observed, in batches of one minute at most. Memory is bounded over all
 * batches that are not written yet; what finds no room is dropped and counted, and nothing waits.
 */
export class ActivityCollector {
  readonly #options: CollectorOptions
  readonly #left: MemoryLeft
  readonly #dropped: DroppedTally = { refusals: 0, counts: 0, seen: 0 }
  readonly #sealed: ReturnType<MinuteTally['toBatch']>[] = []
  #current: MinuteTally | undefined

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#left = { refusals: options.refusalsMax, keys: KEYS_MAX }
  }

  observe(observation: Observation): void {
    const { now: clock, requestId } = this.#options
    const now = clock()
    const minute = now - (now % SPANS_MS.minute)
    if (this.#current?.minute !== minute) this.seal()
    this.#current ??= new MinuteTally(minute, {
      left: this.#left,
      dropped: this.#dropped,
      refusalsPerTokenMax: this.#options.refusalsPerTokenMax,
    })
    this.#current.add(observation, now, requestId)
  }

  /** What was observed so far is a batch; what comes is another. */
  seal(): void {
    if (this.#current === undefined) return
    this.#sealed.push(this.#current.toBatch())
    this.#current = undefined
  }

  /** The oldest batch that is neither written nor dropped. */
  get oldest(): ActivityBatch | undefined {
    return this.#sealed[0]?.batch
  }

  /** Gives back the memory of the oldest batch. */
  release(): void {
    const held = this.#sealed.shift()?.held
    this.#left.refusals += held?.refusals ?? 0
    this.#left.keys += held?.keys ?? 0
  }

  /** Gives up the oldest batch. */
  drop(): void {
    const batch = this.oldest
    if (batch === undefined) return
    this.#dropped.refusals += batch.refusals.length
    this.#dropped.counts += callsOf(batch.counts)
    this.#dropped.seen += callsOf(batch.seen)
    this.release()
  }

  get dropped(): DroppedActivity {
    return { ...this.#dropped }
  }
}

function callsOf(counted: readonly { readonly count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0)
}
