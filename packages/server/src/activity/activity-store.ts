import type { EpochMs } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { PageRequest } from '../token/token-store.ts'
import type { ActivityBatch } from './activity-batch.ts'
import type { OutcomeCount, SpanMs, TimeRange, TokenHour } from './call-count.ts'
import type { KeptRefusal, RefusalFilter, RefusalPosition } from './refusal.ts'
import type { Seen } from './seen.ts'

/** Reads what was recorded. */
export interface ActivityReader {
  findRefusal(requestId: string): Promise<KeptRefusal | undefined>
  /** Newest first; `after` is the last of the page before. */
  listRefusals(
    filter: RefusalFilter,
    page: PageRequest<RefusalPosition>,
  ): Promise<readonly KeptRefusal[]>
  /** What was written after `after`, oldest first. */
  followRefusals(
    filter: RefusalFilter,
    page: PageRequest<RefusalPosition>,
  ): Promise<readonly KeptRefusal[]>
  /**
   * Calls of a token by outcome, summed up in spans of `spanMs` or those that are kept if they are
   * longer, oldest first. A span that has begun before the range and goes into it is counted whole.
   */
  counts(tokenId: TokenId, range: TimeRange, spanMs: SpanMs): Promise<readonly OutcomeCount[]>
  /** Calls of these tokens by the hour, of the last two days at most, in no order; none where none came. */
  tokenHours(tokenIds: readonly TokenId[], range: TimeRange): Promise<readonly TokenHour[]>
  /** Calls of all tokens, and without one, by the hour and outcome, oldest first. */
  trafficHours(range: TimeRange): Promise<readonly OutcomeCount[]>
  /** Most calls first; `other`, if there is one, last. */
  seen(tokenId: TokenId): Promise<readonly Seen[]>
}

/** What is kept, and how much of it at most. */
export interface ActivityLimits {
  readonly refusalsPerTokenMax: number
}

/** Writes what was observed, inside a transaction. Each method that forgets is bounded by `limit`. */
export interface ActivityWriter extends ActivityReader {
  /** Adds a batch to what is there; a refusal that is there already stays as it is. */
  record(batch: ActivityBatch, limits: ActivityLimits): Promise<void>
  /** Forgets refusals from before. @returns how many */
  forgetRefusals(before: EpochMs, limit: number): Promise<number>
  /** Forgets what was last seen before. @returns how many */
  forgetSeen(before: EpochMs, limit: number): Promise<number>
  /** Sums counts of one span from before up into a longer one. @returns how many rows it took */
  sumUpCounts(
    spans: { readonly from: SpanMs; readonly to: SpanMs },
    before: EpochMs,
    limit: number,
  ): Promise<number>
  /** Forgets counts of a span from before. @returns how many */
  forgetCounts(spanMs: SpanMs, before: EpochMs, limit: number): Promise<number>
  /** Forgets hours of all tokens together from before. @returns how many rows it took */
  forgetTrafficHours(before: EpochMs, limit: number): Promise<number>
  /** Forgets in which hours tokens were refused before. @returns how many rows it took */
  forgetRefusedHours(before: EpochMs, limit: number): Promise<number>
}
