import type { AllowReason, EpochMs, RefusalReason, RequestSource } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'

/** What became of a call: in report mode the effect is `allow` and the reason a refusal's. */
export interface CallOutcome {
  readonly effect: 'allow' | 'deny'
  readonly reason: AllowReason | RefusalReason
  readonly source: RequestSource['kind'] | undefined
}

/** How often something came about in a span of time. */
export interface OutcomeCount extends CallOutcome {
  readonly startsAt: EpochMs
  readonly count: number
}

/** Calls of one token in the hour from `startsAt` on. In report mode a refusal is allowed. */
export interface TokenHour {
  readonly tokenId: TokenId
  readonly startsAt: EpochMs
  readonly allowed: number
  readonly refused: number
}

/** The spans that calls are counted by, in milliseconds; each is a whole number of those before. */
export const SPANS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

export type SpanMs = (typeof SPANS_MS)[keyof typeof SPANS_MS]

/** Times from `since` on and before `until`. */
export interface TimeRange {
  readonly since: EpochMs
  readonly until: EpochMs
}
