import type { EpochMs } from '@keyfence/core'

/**
 * What a call came from: `http_domain` is a page that is not served over https while
 * `httpsOriginsOnly` is on; `other` stands for all values beyond the limit of a token.
 */
export type SeenKind =
  | 'domain'
  | 'http_domain'
  | 'domain_missing'
  | 'domain_unreadable'
  | 'address'
  | 'ip_unreadable'
  | 'other'

/** What was seen of one value of one token, among calls that the rule judged. */
export interface Seen {
  readonly kind: SeenKind
  /** A domain or an address; `''` for the kinds that have none. */
  readonly value: string
  readonly count: number
  /** How many of them were let through, in report mode too. */
  readonly allowed: number
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
}

/** How many values are kept of one token (spec §9); what is beyond is counted as `other`. */
export const SEEN_VALUES_MAX = 50
