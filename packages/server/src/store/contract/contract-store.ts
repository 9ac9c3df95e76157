import { type TokenText, UNRESTRICTED } from '@keyfence/core'
import { randomBytes } from 'node:crypto'
import type { ManagementKey } from '../../access/management-key.ts'
import { newKeyId, newTokenId, type TokenId } from '../../identifier/identifier.ts'
import { hashToken, type Token, type TokenHash } from '../../token/token.ts'
import type { Store, StoreTransaction } from '../store.ts'

/** A column of a token's row. */
export type DamagedColumn = 'metadata' | 'status' | 'mode' | 'domains_enabled' | 'ips_enabled'

/** What a store brings to the contract. */
export interface ContractStore {
  readonly store: Store
  /** Opens the same data once more; the first is closed by then. */
  reopen(): Promise<Store>
  /** Writes to one column of a token's row, past the store: how a damaged record comes about. */
  damage(id: TokenId, column: DamagedColumn, value: string | number): Promise<void>
  /** Makes the store one that was restored. */
  renewEpoch(): Promise<void>
  /** Removes what was made. */
  dispose(): Promise<void>
}

/** The store under contract, which changes when it is opened again. */
export interface ContractAt {
  readonly store: () => Store
  readonly opened: () => ContractStore
  readonly reopen: () => Promise<void>
}

/** The moment at which everything happens. */
export const NOW = 1_800_000_000_000

let made = 0

/** A moment of its own, so that ids sort in the order in which they were made. */
export function nextMoment(): number {
  return NOW + made++
}

/** A token that is in no store yet. */
export function newToken(more: Partial<Token> = {}): Token {
  return {
    id: newTokenId(nextMoment(), randomBytes),
    name: 'Shop',
    owner: 'alice',
    hint: 'kf_…Ab3x',
    metadata: { plan: 'pro' },
    createdAt: NOW,
    notBefore: undefined,
    expiresAt: undefined,
    lastUsedAt: undefined,
    status: 'active',
    mode: 'enforce',
    restrictions: UNRESTRICTED,
    version: 1,
    ...more,
  }
}

/** A management key that is in no store yet. */
export function newKey(more: Partial<ManagementKey> = {}): ManagementKey {
  return {
    id: newKeyId(nextMoment(), randomBytes),
    name: 'Dashboard',
    hint: 'kfm_…Ab3x',
    scopes: ['read', 'write'],
    owner: undefined,
    createdAt: NOW,
    revokedAt: undefined,
    ...more,
  }
}

/** A hash that nobody knows. */
export function newHash(): TokenHash {
  return hashToken(randomBytes(16).toString('hex') as TokenText) // any text will do
}

/** A token with one secret and its change in the feed. */
export async function insert(
  transaction: StoreTransaction,
  token: Token,
  hash = newHash(),
): Promise<TokenHash> {
  await transaction.tokens.insert(token)
  await transaction.tokens.insertSecret(token.id, { hash, createdAt: NOW, endsAt: undefined })
  await transaction.tokens.recordChange(token, NOW)
  return hash
}

/** A token that is in the store. */
export async function inserted(store: Store, more: Partial<Token> = {}): Promise<Token> {
  const token = newToken(more)
  await store.transact((transaction) => insert(transaction, token))
  return token
}
