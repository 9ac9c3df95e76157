import type { EpochMs } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { CallOutcome } from './call-count.ts'
import type { Refusal } from './refusal.ts'
import type { Seen } from './seen.ts'

/** What was observed within one minute, ready to be added to what is kept. */
export interface ActivityBatch {
  /** When the minute began. */
  readonly minute: EpochMs
  readonly refusals: readonly Refusal[]
  readonly counts: readonly BatchCount[]
  readonly seen: readonly BatchSeen[]
  /** Tokens with allowed calls in this minute. */
  readonly used: readonly TokenId[]
}

/** Calls of one token that came out the same. */
export interface BatchCount extends CallOutcome {
  /** `undefined`: no token is known. */
  readonly tokenId: TokenId | undefined
  readonly count: number
}

/** Calls of one token from one value. */
export interface BatchSeen extends Seen {
  readonly tokenId: TokenId
}

/** What could not be recorded since the node started, each in calls. */
export interface DroppedActivity {
  /** Refusals of which nothing is kept but their count. */
  readonly refusals: number
  /** Calls that are missing from the counts. */
  readonly counts: number
  /** Calls that are missing from what was seen. */
  readonly seen: number
}

/** What two could not record. */
export function droppedTogether(one: DroppedActivity, other: DroppedActivity): DroppedActivity {
  return {
    refusals: one.refusals + other.refusals,
    counts: one.counts + other.counts,
    seen: one.seen + other.seen,
  }
}
