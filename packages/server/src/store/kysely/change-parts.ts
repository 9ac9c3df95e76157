import type { DomainEntry, IpEntry, Restrictions, TokenMode, TokenStatus } from '@keyfence/core'
import {
  type FeedPage,
  NO_REVISION,
  type Revision,
  type TokenChange,
  type TokenRecord,
} from '../../fence/change-feed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenHash } from '../../token/token.ts'

/**
 * A change of a token with all of it that a decision needs, as both engines put it together: a page is one
 * answer, of one moment, and one text. A first copy reads every token there is, and a row of a table for
 * each entry and secret took longer to carry to where they are read than to be found.
 */
export type ChangeParts = readonly [
  revision: number,
  tokenId: string,
  owner: string | null,
  /** `null` of a token that was deleted. */
  token: TokenParts | null,
  /** In the order of their lists; none of a revoked token, which is refused whatever they say. */
  entries: readonly EntryParts[] | null,
  /** Ended ones too. */
  secrets: readonly SecretParts[] | null,
]

/** A number may be anything: a damaged store gives back what stands in it. */
type TokenParts = readonly [
  owner: string,
  metadata: string,
  status: string,
  mode: string,
  notBefore: unknown,
  expiresAt: unknown,
  domainsEnabled: unknown,
  ipsEnabled: unknown,
]

type EntryParts = readonly [list: string, value: string, subdomains: unknown, label: string]

type SecretParts = readonly [hash: string, endsAt: unknown]

/** A page as an engine gives it. */
export interface PageParts {
  readonly epoch: string
  readonly head: number | null | undefined
  /** The last revision of a page that is full. */
  readonly next: number | null | undefined
  readonly parts: () => readonly ChangeParts[]
}

/** The page, whose changes are made when they are asked for. */
export function feedPage(parts: PageParts): FeedPage {
  return new StoredPage(parts)
}

/**
 * A class, because each object that is written with a getter of its own keeps the changes of its page until
 * all memory is looked through: of 40 MB, 11 were copied in each turn of the collector instead of 1.
 */
class StoredPage implements FeedPage {
  readonly epoch: string
  readonly head: Revision
  readonly next: Revision | undefined
  readonly #parts: PageParts['parts']
  #changes: readonly TokenChange[] | undefined

  constructor({ epoch, head, next, parts }: PageParts) {
    this.epoch = epoch
    this.head = (head ?? NO_REVISION) as Revision // here and below: a column that counts
    this.next = (next ?? undefined) as Revision | undefined
    this.#parts = parts
  }

  get changes(): readonly TokenChange[] {
    this.#changes ??= this.#parts().map(changeOf)
    return this.#changes
  }
}

/** What the feed says of a token that changed. One damaged row costs one token, never the feed. */
export function changeOf(parts: ChangeParts): TokenChange {
  const [revision, tokenId, owner, token, entries, secrets] = parts
  const base = {
    revision: revision as Revision, // a column that counts
    tokenId: tokenId as TokenId, // only ids are written
    owner: token?.[0] ?? owner ?? undefined,
    secrets: (secrets ?? []).map(secretOf),
  }
  if (token === null) return { ...base, kind: 'removed' }
  const record = (secrets ?? []).every(([, endsAt]) => isTime(endsAt))
    ? recordOf(base.tokenId, token, entries ?? [])
    : 'ends_at'
  return typeof record === 'string'
    ? { ...base, kind: 'unreadable', because: record }
    : { ...base, kind: 'saved', record }
}

function secretOf([hash, endsAt]: SecretParts): TokenChange['secrets'][number] {
  // Only hashes are written. A token whose secret ends at no time is unreadable, and when is not asked.
  return { hash: hash as TokenHash, endsAt: typeof endsAt === 'number' ? endsAt : undefined }
}

/** The token's record, or the column that is damaged. */
function recordOf(
  tokenId: TokenId,
  parts: TokenParts,
  entries: readonly EntryParts[],
): TokenRecord | string {
  const [owner, metadataText, status, mode, notBefore, expiresAt, domainsEnabled, ipsEnabled] =
    parts
  const metadata = metadataOf(metadataText)
  if (metadata === undefined) return 'metadata'
  if (!isStatus(status)) return 'status'
  if (!isMode(mode)) return 'mode'
  if (!isTime(notBefore)) return 'not_before'
  if (!isTime(expiresAt)) return 'expires_at'
  if (!isFlag(domainsEnabled)) return 'domains_enabled'
  if (!isFlag(ipsEnabled)) return 'ips_enabled'
  if (!entries.every(([, , subdomains]) => isFlag(subdomains))) return 'subdomains'
  return {
    tokenId,
    owner,
    metadata,
    status,
    mode,
    notBefore: notBefore ?? undefined,
    expiresAt: expiresAt ?? undefined,
    restrictions: restrictionsOf(entries, { domainsEnabled, ipsEnabled }),
  }
}

function restrictionsOf(
  parts: readonly EntryParts[],
  { domainsEnabled, ipsEnabled }: { readonly domainsEnabled: Flag; readonly ipsEnabled: Flag },
): Restrictions {
  const [domains, ips]: [DomainEntry[], IpEntry[]] = [[], []]
  for (const [list, value, subdomains, label] of parts) {
    if (list === 'domains') domains.push({ value, subdomains: subdomains === 1, label })
    else if (list === 'ips') ips.push({ value, label })
  }
  return {
    domains: { enabled: domainsEnabled === 1, entries: domains },
    ips: { enabled: ipsEnabled === 1, entries: ips },
  }
}

type Flag = 0 | 1

function isFlag(value: unknown): value is Flag {
  return value === 0 || value === 1
}

function isTime(value: unknown): value is number | null {
  return value === null || Number.isSafeInteger(value)
}

function isStatus(text: string): text is TokenStatus {
  return STATUSES.has(text)
}

function isMode(text: string): text is TokenMode {
  return MODES.has(text)
}

const STATUSES: ReadonlySet<string> = new Set<TokenStatus>(['active', 'disabled', 'revoked'])
const MODES: ReadonlySet<string> = new Set<TokenMode>(['enforce', 'report'])

/** Tokens that follow one another often have the same, and theirs is one object then. */
function metadataOf(text: string): Metadata | undefined {
  if (text !== lastRead.text) lastRead = { text, metadata: parseMetadata(text) }
  return lastRead.metadata
}

type Metadata = Readonly<Record<string, string>>

let lastRead: { readonly text: string; readonly metadata: Metadata | undefined } = {
  text: '{}',
  metadata: {},
}

function parseMetadata(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject || Object.values(value).some((member) => typeof member !== 'string'))
      return undefined
    return value as Record<string, string> // every member is a string
  } catch {
    return undefined
  }
}
