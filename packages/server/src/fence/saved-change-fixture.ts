import type { Restrictions } from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { TokenHash } from '../token/token.ts'
import type { Revision, TokenChange } from './change-feed.ts'

/** A change for tests, as far as one differs from the others. */
export interface SavedChangeParts {
  readonly revision: number
  readonly tokenId: string
  readonly owner?: string
  readonly hash: TokenHash
  /** Off, if it is not given. */
  readonly domains?: readonly string[]
  /** Off, if it is not given. */
  readonly ips?: readonly string[]
}

/** An active token with one secret that never ends. For tests. */
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
      restrictions: restrictionsOf(parts),
    },
  }
}

function restrictionsOf({ domains, ips }: SavedChangeParts): Restrictions {
  return {
    domains: {
      enabled: domains !== undefined,
      entries: (domains ?? []).map((value) => ({ value, subdomains: false, label: '' })),
    },
    ips: {
      enabled: ips !== undefined,
      entries: (ips ?? []).map((value) => ({ value, label: '' })),
    },
  }
}
