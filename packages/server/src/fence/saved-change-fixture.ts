import type { TokenId } from '../identifier/identifier.ts'
import { type ListedValues, restrictedTo } from '../token/restrictions-fixture.ts'
import type { TokenHash } from '../token/token.ts'
import type { Revision, TokenChange } from './change-feed.ts'

/** A change for tests and benchmarks, as far as one differs from the others. */
export interface SavedChangeParts extends ListedValues {
  readonly revision: number
  readonly tokenId: string
  readonly owner?: string
  readonly hash: TokenHash
}

/** An active token with one secret that never ends. For tests and benchmarks. */
export function savedChange(parts: SavedChangeParts): Extract<TokenChange, { kind: 'saved' }> {
  const { owner = 'acme', hash } = parts
  const tokenId = parts.tokenId as TokenId
  return {
    kind: 'saved',
    revision: parts.revision as Revision,
    tokenId,
    owner,
    secrets: [{ hash, endsAt: undefined }],
    record: {
      tokenId,
      owner,
      metadata: {},
      status: 'active',
      mode: 'enforce',
      notBefore: undefined,
      expiresAt: undefined,
      restrictions: restrictedTo(parts),
    },
  }
}
