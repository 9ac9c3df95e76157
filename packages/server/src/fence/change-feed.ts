import type { Brand, EpochMs, Restrictions, TokenMode, TokenStatus } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { TokenHash } from '../token/token.ts'

/** Counts the changes of one store; never goes back within an epoch. */
export type Revision = Brand<number, 'Revision'>

/** Before the first change. */
export const NO_REVISION = 0 as Revision

/** One token as it stands at its newest change: what a decision needs, and no more. */
export interface TokenRecord {
  readonly tokenId: TokenId
  readonly owner: string
  readonly metadata: Readonly<Record<string, string>>
  readonly status: TokenStatus
  readonly mode: TokenMode
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
  readonly restrictions: Restrictions
}

/** A change of one token. `removed`: it was deleted; `unreadable`: its record is damaged. */
export type TokenChange = {
  readonly revision: Revision
  readonly tokenId: TokenId
  /** Whose token it is or was; `undefined`: nobody knows, of tokens deleted before that was kept. */
  readonly owner: string | undefined
  /** Every hash that is or was this token's, and when it ends. */
  readonly secrets: readonly { readonly hash: TokenHash; readonly endsAt: EpochMs | undefined }[]
} & (
  | { readonly kind: 'saved'; readonly record: TokenRecord }
  | { readonly kind: 'removed' }
  | { readonly kind: 'unreadable'; readonly because: string }
)

/** Changes after a revision, in order, and where the feed stands. */
export interface FeedPage {
  /** New after a restore, and then everything has to be read again. */
  readonly epoch: string
  /** Made when they are first asked for, so that the next page can be asked for before. */
  readonly changes: readonly TokenChange[]
  /** The newest revision there is. */
  readonly head: Revision
  /** Behind which revision there may be another page; `undefined`: this one is the last. */
  readonly next: Revision | undefined
}

/** The ordered feed of changes, one for each token that ever was. */
export interface FeedReader {
  /** The changes after `after` in order, without gaps, `limit` at most. */
  read(after: Revision, limit: number): Promise<FeedPage>
}

/** Where changes are announced. An announcement may be lost, come twice or come for nothing. */
export interface FeedHints {
  /** Calls `look` when something may have changed. @returns what ends that */
  listen(look: () => void): () => Promise<void>
}

/** Nobody announces anything. */
export const NO_HINTS: FeedHints = { listen: () => async () => {} }
