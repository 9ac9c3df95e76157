import type { EpochMs, TokenStatus } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { Token, TokenHash, TokenSecret } from './token.ts'

/** Which tokens a list holds; absent members do not limit. */
export interface TokenFilter {
  readonly owner?: string | undefined
  readonly status?: TokenStatus | undefined
  /** Part of the name, ASCII case aside. */
  readonly nameContains?: string | undefined
}

/** One page of a list: what follows `after`, newest last, `limit` at most. */
export interface PageRequest<Id> {
  readonly after: Id | undefined
  readonly limit: number
}

/** Reads tokens. */
export interface TokenReader {
  find(id: TokenId): Promise<Token | undefined>
  list(filter: TokenFilter, page: PageRequest<TokenId>): Promise<readonly Token[]>
  /** The token's secrets, newest first, ended ones included. */
  secretsOf(id: TokenId): Promise<readonly TokenSecret[]>
  /** Whether the hash was ever a token's, a deleted one's too. */
  knowsHash(hash: TokenHash): Promise<boolean>
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
  /** Puts the token's change into the feed. */
  recordChange(id: TokenId, now: EpochMs): Promise<void>
}
