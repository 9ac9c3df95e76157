import { compileRestrictions, type TokenLookup, type TokenPolicy } from '@keyfence/core'
import type { FeedChange, FeedRecord } from '../feed/feed-page.ts'

/** Every token that the key may see, compiled, by the hash of its secret. */
export class TokenCopy {
  readonly #lookups = new Map<string, TokenLookup>()
  readonly #hashes = new Map<string, readonly string[]>()

  /** What is known of the secret with this hash; `unavailable` is never its answer. */
  lookUp(hash: string): TokenLookup {
    return this.#lookups.get(hash) ?? UNKNOWN
  }

  /** How many secrets are known. */
  get size(): number {
    return this.#lookups.size
  }

  /**
   * Brings one token to where the change has it.
   * @returns false if the record is damaged: the token alone is refused, and somebody should know.
   */
  apply(change: FeedChange): boolean {
    const before = this.#hashes.get(change.tokenId) ?? []
    for (const hash of before) this.#lookups.delete(hash)
    this.#hashes.delete(change.tokenId)
    if (change.kind === 'removed') return true
    const policy = change.kind === 'saved' ? policyOf(change.tokenId, change.record) : undefined
    if (policy === undefined) {
      // Nothing is known of its secrets for certain: those of before are refused the same.
      const hashes = [...new Set([...before, ...change.secrets.map(({ hash }) => hash)])]
      for (const hash of hashes) this.#lookups.set(hash, UNREADABLE)
      this.#hashes.set(change.tokenId, hashes)
      return false
    }
    for (const { hash, endsAt } of change.secrets) {
      this.#lookups.set(hash, { state: 'known', policy, secretEndsAt: endsAt })
    }
    this.#hashes.set(
      change.tokenId,
      change.secrets.map(({ hash }) => hash),
    )
    return true
  }

  /** Forgets everything, before a full copy is read again. */
  clear(): void {
    this.#lookups.clear()
    this.#hashes.clear()
  }
}

const UNKNOWN: TokenLookup = { state: 'unknown' }
const UNREADABLE: TokenLookup = { state: 'unreadable' }

/** Compiled once, when it changes. `undefined`: an entry is damaged. */
function policyOf(tokenId: string, record: FeedRecord): TokenPolicy | undefined {
  const { owner, metadata, mode, status, notBefore, expiresAt } = record
  const restrictions = compileRestrictions(record.restrictions)
  if (restrictions === undefined) return undefined
  return { tokenId, owner, metadata, mode, life: { status, notBefore, expiresAt }, restrictions }
}
