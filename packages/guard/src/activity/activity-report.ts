import type { AllowReason, EpochMs, RefusalReason, RequestSource } from '@keyfence/core'

/** What was observed within one minute, as `POST /v1/activity` takes it. */
export interface ActivityReport {
  readonly minute: EpochMs
  readonly refusals: readonly ReportedRefusal[]
  readonly counts: readonly ReportedCount[]
  readonly seen: readonly ReportedSeen[]
}

export interface ReportedRefusal {
  readonly requestId: string
  readonly refusedAt: EpochMs
  readonly tokenId: string | null
  readonly reason: AllowReason | RefusalReason
  readonly source: RequestSource['kind'] | null
  readonly domain: string | null
  readonly address: string | null
  readonly method: string
  readonly path: string
  readonly enforced: boolean
}

export interface ReportedCount {
  readonly tokenId: string | null
  readonly effect: 'allow' | 'deny'
  readonly reason: AllowReason | RefusalReason
  readonly source: RequestSource['kind'] | null
  count: number
}

export interface ReportedSeen {
  readonly tokenId: string
  readonly kind: string
  readonly value: string
  count: number
  allowed: number
  readonly firstAt: EpochMs
  lastAt: EpochMs
}

export const MINUTE_MS = 60_000

/** What Keyfence takes in one report. */
export const REFUSALS_MAX = 500
export const ROWS_MAX = 2000
export const METHOD_LENGTH_MAX = 32
export const PATH_LENGTH_MAX = 1024
