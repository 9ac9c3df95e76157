import type { Brand, EpochMs, RefusalReason, RequestSource } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'

/** Where a refusal stands among those kept: decimal digits, greater the later it was written. */
export type RefusalPosition = Brand<string, 'RefusalPosition'>

/** One refused request. Text in it is bounded and inert; it never holds a token or a query. */
export interface Refusal {
  /** As the caller got it in `Keyfence-Request-Id`; in report mode the caller got none. */
  readonly requestId: string
  readonly refusedAt: EpochMs
  /** `undefined`: no token is known. */
  readonly tokenId: TokenId | undefined
  readonly owner: string | undefined
  readonly reason: RefusalReason
  /** Told for known tokens alone. */
  readonly source: RequestSource['kind'] | undefined
  readonly domain: string | undefined
  readonly address: string | undefined
  readonly method: string
  readonly path: string
  /** False in report mode: the rule refused, and the request was let through. */
  readonly enforced: boolean
}

/** A refusal as it comes back. */
export interface KeptRefusal extends Refusal {
  readonly position: RefusalPosition
}

/** Which refusals a list holds; absent members do not limit. */
export interface RefusalFilter {
  readonly tokenId?: TokenId | undefined
  readonly owner?: string | undefined
  readonly reason?: RefusalReason | undefined
}

/**
 * How many refusals of a token are kept; those without a known one share ten times as many, since
 * any scanner adds to them.
 */
export function refusalsMax(tokenId: TokenId | undefined, refusalsPerTokenMax: number): number {
  return tokenId === undefined ? refusalsPerTokenMax * 10 : refusalsPerTokenMax
}
