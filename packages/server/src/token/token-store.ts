import type { EpochMs, TokenStatus } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { Attention } from './attention.ts'
import type { Token, TokenHash, TokenSecret } from './token.ts'

/** Which tokens a list holds; absent members do not limit. */
export interface TokenFilter {
  readonly owner?: string | undefined
  readonly status?: TokenStatus | undefined
  /** Part of the name, ASCII case aside. */
  readonly nameContains?: string | undefined
  /** Tokens that work at `now` and need this attention: 1,000 at most, the most urgent ones. */
  readonly attention?: { readonly kind: Attention; readonly now: EpochMs } | undefined
}

/** One page of a list: what follows `after`, newest last, `limit` at most. */
export interface PageRequest<Id> {
  readonly after: Id | undefined
  readonly limit: number
}

/** The page before: what comes right before `before`, in the order of the list, `limit` at most. */
export interface PageBeforeRequest<Id> {
  readonly before: Id
  readonly limit: number
}

/** A page of a list that is read in both directions. */
export type TwoWayPageRequest<Id> = PageRequest<Id> | PageBeforeRequest<Id>

/** Whose a token is, and whether it works. */
export type TokenState = Pick<Token, 'owner' | 'status'>

/** Reads tokens. */
export interface TokenReader {
  find(id: TokenId): Promise<Token | undefined>
  list(filter: TokenFilter, page: TwoWayPageRequest<TokenId>): Promise<readonly Token[]>
  /** How many the list holds, counted up to `most`. */
  count(filter: TokenFilter, most: number): Promise<number>
  /** Whose these tokens are; those that are not there are left out. */
  ownersOf(ids: readonly TokenId[]): Promise<ReadonlyMap<TokenId, string>>
  /** What these tokens are, in the order of their ids; those that are not there are left out. */
  statesOf(ids: readonly TokenId[]): Promise<ReadonlyMap<TokenId, TokenState>>
  /** The same of an owner's tokens that are not revoked, `most` at most. */
  liveStatesOf(owner: string, most: number): Promise<ReadonlyMap<TokenId, TokenState>>
  /** The token's secrets, newest first, ended ones included. */
  secretsOf(id: TokenId): Promise<readonly TokenSecret[]>
  /** Those of the hashes that were ever a token's, a deleted one's too. */
  knownHashes(hashes: readonly TokenHash[]): Promise<ReadonlySet<TokenHash>>
}

/** Writes tokens, inside a transaction. Every write has to be followed by its change in the feed. */
export interface TokenWriter extends TokenReader {
  insert(token: Token): Promise<void>
  /** Replaces everything but the id and the secrets. */
  update(token: Token): Promise<void>
  /** Removes the token; its hashes stay known. */
  remove(id: TokenId): Promise<void>
  insertSecret(id: TokenId, secret: TokenSecret): Promise<void>
  /** The secret ends at `endsAt` or when it was to end already, whichever is earlier. */
  endSecret(hash: TokenHash, endsAt: EpochMs): Promise<void>
  /** Revokes tokens that are there, each as its next version and with its change in the feed. */
  revokeAll(tokens: readonly Pick<Token, 'id' | 'owner'>[], now: EpochMs): Promise<void>
  /** Puts the token's change into the feed; that of a deleted one, too. */
  recordChange(token: Pick<Token, 'id' | 'owner'>, now: EpochMs): Promise<void>
}
