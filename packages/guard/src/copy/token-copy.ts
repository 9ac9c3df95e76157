import type { TokenLookup } from '@keyfence/core'
import type { FeedChange, FeedSecret } from '../feed/feed-page.ts'
import { CopiedToken } from './copied-token.ts'

/** Every token that the key may see, compiled, by the hash of its secret. */
export class TokenCopy {
  readonly #lookups = new Map<string, TokenLookup>()
  /** Those of a token; nearly always one, and no list is made for it. */
  readonly #hashes = new Map<string, string | readonly string[]>()

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
    const before = this.#forget(change.tokenId)
    if (change.kind === 'removed') return true
    const lookups = change.kind === 'saved' ? lookupsOf(change) : undefined
    if (lookups === undefined) {
      // Nothing is known of its secrets for certain: those of before are refused the same.
      const hashes = [...new Set([...before, ...change.secrets.map(({ hash }) => hash)])]
      for (const hash of hashes) this.#lookups.set(hash, UNREADABLE)
      this.#keep(change.tokenId, hashes)
      return false
    }
    for (const [at, { hash }] of change.secrets.entries()) {
      this.#lookups.set(hash, lookups[at] ?? UNREADABLE)
    }
    this.#keep(
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

  /** @returns the hashes that are known no more */
  #forget(tokenId: string): readonly string[] {
    const known = this.#hashes.get(tokenId) ?? []
    const hashes = typeof known === 'string' ? [known] : known
    for (const hash of hashes) this.#lookups.delete(hash)
    this.#hashes.delete(tokenId)
    return hashes
  }

  #keep(tokenId: string, hashes: readonly string[]): void {
    const [first = ''] = hashes
    this.#hashes.set(tokenId, hashes.length === 1 ? first : hashes)
  }
}

const UNKNOWN: TokenLookup = { state: 'unknown' }
const UNREADABLE: TokenLookup = { state: 'unreadable' }

/** What is known of each of its secrets. `undefined`: an entry is damaged. */
function lookupsOf({
  tokenId,
  record,
  secrets,
}: FeedChange & { readonly kind: 'saved' }): readonly TokenLookup[] | undefined {
  const token = CopiedToken.of(tokenId, record, secrets[0]?.endsAt)
  if (token === undefined) return undefined
  return secrets.map((secret, at) => (at === 0 ? token : lookupBy(secret, token)))
}

function lookupBy({ endsAt }: FeedSecret, policy: CopiedToken): TokenLookup {
  return { state: 'known', policy, secretEndsAt: endsAt }
}
