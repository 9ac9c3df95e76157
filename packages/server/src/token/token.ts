import type {
  Brand,
  EpochMs,
  Restrictions,
  TokenMode,
  TokenStatus,
  TokenText,
} from '@keyfence/core'
import { hash } from 'node:crypto'
import type { TokenId } from '../identifier/identifier.ts'

/** SHA-256 of a whole token, 64 lower-case hexadecimal digits: all that is kept of it. */
export type TokenHash = Brand<string, 'TokenHash'>

/** A token as its owner and the provider know it; its secrets are known by hash alone. */
export interface Token {
  readonly id: TokenId
  readonly name: string
  /** The customer's id in the provider's system. */
  readonly owner: string
  /** Prefix and last four characters of the newest secret, or what an import gave. */
  readonly hint: string
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: EpochMs
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
  readonly lastUsedAt: EpochMs | undefined
  readonly status: TokenStatus
  readonly mode: TokenMode
  readonly restrictions: Restrictions
  /** Counts the changes of this token from 1; its `ETag`. */
  readonly version: number
}

/** One secret of a token; at most two live at a time. */
export interface TokenSecret {
  readonly hash: TokenHash
  readonly createdAt: EpochMs
  /** When it was or will be rotated out; `undefined` for the newest. */
  readonly endsAt: EpochMs | undefined
}

/** The hash of a token as its holder sends it. */
export function hashToken(token: TokenText): TokenHash {
  return hash('sha256', token, 'hex') as TokenHash
}

/** Reads a hash in hexadecimal, any case; `undefined` for everything else. */
export function parseTokenHash(text: string): TokenHash | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as TokenHash) : undefined
}
