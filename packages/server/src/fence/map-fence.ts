import {
  type CompiledRestrictions,
  compileRestrictions,
  type TokenLookup,
  type TokenPolicy,
} from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import { hashToken, type TokenHash } from '../token/token.ts'
import type { TokenRecord } from './change-feed.ts'
import type { Fence } from './fence.ts'

/**
 * A fence in a `Map` from hash to what is known of its token: the plainest one there is. The packed
 * fence is compared with it, by tests for what it says and by benchmarks for what it costs.
 */
export function mapFence(): Fence {
  const lookups = new Map<TokenHash, TokenLookup>()
  const hashes = new Map<TokenId, readonly TokenHash[]>()
  const forget = (tokenId: TokenId): void => {
    for (const hash of hashes.get(tokenId) ?? []) lookups.delete(hash)
    hashes.delete(tokenId)
  }
  return {
    lookUp: (token) => lookups.get(hashToken(token)) ?? UNKNOWN,
    apply: (change) => {
      forget(change.tokenId)
      if (change.kind === 'removed') return true
      const policy = change.kind === 'saved' ? policyOf(change.record) : undefined
      for (const { hash, endsAt } of change.secrets) {
        lookups.set(
          hash,
          policy === undefined ? UNREADABLE : { state: 'known', policy, secretEndsAt: endsAt },
        )
      }
      hashes.set(
        change.tokenId,
        change.secrets.map(({ hash }) => hash),
      )
      return policy !== undefined
    },
    clear: () => {
      lookups.clear()
      hashes.clear()
    },
    get size() {
      return lookups.size
    },
  }
}

const UNKNOWN: TokenLookup = { state: 'unknown' }
const UNREADABLE: TokenLookup = { state: 'unreadable' }

/** Compiled once, when it changes. `undefined`: an entry is damaged, and the token is refused. */
function policyOf(record: TokenRecord): TokenPolicy | undefined {
  const restrictions: CompiledRestrictions | undefined = compileRestrictions(record.restrictions)
  if (restrictions === undefined) return undefined
  return {
    tokenId: record.tokenId,
    owner: record.owner,
    metadata: record.metadata,
    life: { status: record.status, notBefore: record.notBefore, expiresAt: record.expiresAt },
    mode: record.mode,
    restrictions,
  }
}
