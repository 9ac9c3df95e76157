import type { AllowReason, EpochMs, RefusalReason, RequestSource } from '@keyfence/core'

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

/** The spans that calls are counted by, in milliseconds; each is a whole number of those before. */
export const SPANS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

export type SpanMs = (typeof SPANS_MS)[keyof typeof SPANS_MS]

/** Times from `since` on and before `until`. */
export interface TimeRange {
  readonly since: EpochMs
  readonly until: EpochMs
}
