import {
  type CompiledList,
  type CompiledRestrictions,
  type Domain,
  type EpochMs,
  type IpAddress,
  restrictionPatterns,
  type TokenLife,
  type TokenMode,
  type TokenPolicy,
  type TokenStatus,
} from '@keyfence/core'
import type { FeedRecord } from '../feed/feed-page.ts'
import { copiedAddresses, copiedDomains } from './copied-lists.ts'

/**
 * A token compiled, once, when it changes. One object that is its own life, its own restrictions and
 * what is known of its secret: an object for each would take more room than the token.
 */
export class CopiedToken implements TokenPolicy, TokenLife, CompiledRestrictions {
  readonly tokenId: string
  readonly owner: string
  readonly metadata: Readonly<Record<string, string>>
  readonly mode: TokenMode
  readonly status: TokenStatus
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
  readonly domains: CompiledList<Domain>
  readonly ips: CompiledList<IpAddress>
  /** Of the one secret; a token that has several is looked up by way of an object for each. */
  readonly secretEndsAt: EpochMs | undefined

  private constructor(copied: CopiedParts) {
    const { record } = copied
    this.tokenId = copied.tokenId
    this.owner = record.owner
    this.metadata = record.metadata
    this.mode = record.mode
    this.status = record.status
    this.notBefore = record.notBefore
    this.expiresAt = record.expiresAt
    this.domains = copied.domains
    this.ips = copied.ips
    this.secretEndsAt = copied.secretEndsAt
  }

  /** `undefined`: an entry is damaged, and so the whole record. */
  static of(
    tokenId: string,
    record: FeedRecord,
    secretEndsAt: EpochMs | undefined,
  ): CopiedToken | undefined {
    const patterns = restrictionPatterns(record.restrictions)
    if (patterns === undefined) return undefined
    const domains = copiedDomains(patterns.domains)
    return new CopiedToken({
      tokenId,
      record,
      secretEndsAt,
      domains,
      ips: copiedAddresses(patterns.ips),
    })
  }

  get state(): 'known' {
    return 'known'
  }

  get policy(): TokenPolicy {
    return this
  }

  get life(): TokenLife {
    return this
  }

  get restrictions(): CompiledRestrictions {
    return this
  }
}

interface CopiedParts extends CompiledRestrictions {
  readonly tokenId: string
  readonly record: FeedRecord
  readonly secretEndsAt: EpochMs | undefined
}
