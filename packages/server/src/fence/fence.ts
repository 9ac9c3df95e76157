import type { TokenLookup, TokenText } from '@keyfence/core'
import type { TokenChange } from './change-feed.ts'

/** Every token, compiled, in memory: what requests are decided from. */
export interface Fence {
  /** What is known of a token; `unavailable` is never its answer. */
  lookUp(token: TokenText): TokenLookup
  /**
   * Brings one token to where the change has it; the newest change of a token is all it takes.
   * @returns false if the record is damaged: the token is refused, and somebody should know.
   */
  apply(change: TokenChange): boolean
  /** Forgets everything, before a full copy is read again. */
  clear(): void
  /** How many secrets are known. */
  readonly size: number
}
