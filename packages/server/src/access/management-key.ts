import type { EpochMs } from '@keyfence/core'
import type { KeyId } from '../identifier/identifier.ts'
import type { PageRequest } from '../token/token-store.ts'
import type { TokenHash } from '../token/token.ts'

/** What a management key may do: see, change, follow the feed, ask for decisions. */
export const SCOPES = ['read', 'write', 'feed', 'decide'] as const

export type Scope = (typeof SCOPES)[number]

/** A key for the management API, known by hash alone. */
export interface ManagementKey {
  readonly id: KeyId
  readonly name: string
  /** `kfm_…` and the last four characters. */
  readonly hint: string
  readonly scopes: readonly Scope[]
  /** The one owner whose tokens it sees; `undefined`: all. */
  readonly owner: string | undefined
  readonly createdAt: EpochMs
  readonly revokedAt: EpochMs | undefined
}

export interface KeyReader {
  find(id: KeyId): Promise<ManagementKey | undefined>
  findByHash(hash: TokenHash): Promise<ManagementKey | undefined>
  list(page: PageRequest<KeyId>): Promise<readonly ManagementKey[]>
}

export interface KeyWriter extends KeyReader {
  insert(key: ManagementKey, hash: TokenHash): Promise<void>
  revoke(id: KeyId, now: EpochMs): Promise<void>
}
