import type {
  EpochMs,
  Parsed,
  Restrictions,
  TokenField,
  TokenMode,
  TokenStatus,
} from '@keyfence/core'
import { readBoolean, readList, readNumber, readRecord, readText, readTime } from './read-json.ts'

/** One answer of `GET /v1/feed`. */
export interface FeedPage {
  readonly epoch: string
  /** The page begins behind it. */
  readonly after: number
  readonly revision: number
  readonly head: number
  readonly settings: FeedSettings
  readonly changes: readonly FeedChange[]
  /** The same as they came, for a snapshot; of those that cannot be read, what denies their tokens. */
  readonly written: readonly unknown[]
}

/** The settings of Keyfence that a guard judges by. */
export interface FeedSettings {
  readonly tokenPrefix: string
  readonly tokenFields: readonly TokenField[]
  readonly tokenQuery: string | undefined
  readonly httpsOriginsOnly: boolean
  readonly forwardMetadata: boolean
}

/** One token as it stands at its newest change. */
export type FeedChange = { readonly revision: number; readonly tokenId: string } & (
  | {
      readonly kind: 'saved'
      readonly secrets: readonly FeedSecret[]
      readonly record: FeedRecord
    }
  | { readonly kind: 'unreadable'; readonly secrets: readonly FeedSecret[] }
  | { readonly kind: 'removed' }
)

export interface FeedSecret {
  readonly hash: string
  readonly endsAt: EpochMs | undefined
}

export interface FeedRecord {
  readonly owner: string
  readonly metadata: Readonly<Record<string, string>>
  readonly status: TokenStatus
  readonly mode: TokenMode
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
  readonly restrictions: Restrictions
}

/**
 * Reads a page. One that is torn, or whose changes are out of order or come twice, is no page: it is
 * asked for again. A damaged record costs its token alone.
 */
export function parseFeedPage(text: string): Parsed<FeedPage, string> {
  try {
    return { ok: true, value: pageOf(readRecord(JSON.parse(text))) }
  } catch {
    // The reason is kept short: the text may hold hashes.
    return { ok: false, problem: 'the feed gave no readable page' }
  }
}

function pageOf(page: Readonly<Record<string, unknown>>): FeedPage {
  const after = readNumber(page['after'])
  const revision = readNumber(page['revision'])
  const head = readNumber(page['head'])
  const came = readList(page['changes'])
  const changes = came.map(changeOf)
  let last = after
  for (const change of changes) {
    if (change.revision <= last) throw new Error('not in order')
    last = change.revision
  }
  if (last > revision || revision > head) throw new Error('not in order')
  const epoch = readText(page['epoch'])
  const settings = settingsOf(page['settings'])
  const written = came.map((change, at) => writtenOf(change, changes[at]))
  return { epoch, after, revision, head, settings, changes, written }
}

/**
 * What cannot be read must not become readable by being written: a time beyond all numbers, which is
 * none, would be `null`, which is no limit.
 */
function writtenOf(came: unknown, read: FeedChange | undefined): unknown {
  if (read?.kind !== 'unreadable') return came
  const { revision, tokenId, kind, secrets } = read
  const ends = secrets.map(({ hash, endsAt }) => ({ hash, endsAt: endsAt ?? null }))
  return { revision, tokenId, kind, secrets: ends }
}

function settingsOf(value: unknown): FeedSettings {
  const settings = readRecord(value)
  const tokenQuery = settings['tokenQuery']
  return {
    tokenPrefix: readText(settings['tokenPrefix']),
    tokenFields: readList(settings['tokenFields']).map((field) => {
      const { name, scheme } = readRecord(field)
      return { name: readText(name), scheme: scheme === null ? undefined : readText(scheme) }
    }),
    tokenQuery: tokenQuery === null ? undefined : readText(tokenQuery),
    httpsOriginsOnly: readBoolean(settings['httpsOriginsOnly']),
    forwardMetadata: readBoolean(settings['forwardMetadata']),
  }
}

/** @throws if it cannot be told whose change it is; otherwise what cannot be read denies the token. */
function changeOf(value: unknown): FeedChange {
  const change = readRecord(value)
  const revision = readNumber(change['revision'])
  const tokenId = readText(change['tokenId'])
  if (change['kind'] === 'removed') return { revision, tokenId, kind: 'removed' }
  try {
    const secrets = readList(change['secrets']).map(secretOf)
    if (change['kind'] !== 'saved') return { revision, tokenId, kind: 'unreadable', secrets }
    return { revision, tokenId, kind: 'saved', secrets, record: recordOf(change) }
  } catch {
    return { revision, tokenId, kind: 'unreadable', secrets: readableSecrets(change['secrets']) }
  }
}

function readableSecrets(value: unknown): FeedSecret[] {
  const secrets: FeedSecret[] = []
  for (const secret of Array.isArray(value) ? value : []) {
    try {
      secrets.push(secretOf(secret))
    } catch {
      // This one names no secret that could be refused.
    }
  }
  return secrets
}

function secretOf(value: unknown): FeedSecret {
  const secret = readRecord(value)
  const hash = readText(secret['hash'])
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('no hash')
  return { hash, endsAt: readTime(secret['endsAt']) }
}

function recordOf(change: Readonly<Record<string, unknown>>): FeedRecord {
  const { status, mode } = change
  if (status !== 'active' && status !== 'disabled' && status !== 'revoked') {
    throw new Error('no status')
  }
  if (mode !== 'enforce' && mode !== 'report') throw new Error('no mode')
  const metadata = Object.entries(readRecord(change['metadata']))
  return {
    owner: readText(change['owner']),
    metadata:
      metadata.length === 0
        ? NO_METADATA
        : Object.fromEntries(metadata.map(([name, text]) => [name, readText(text)])),
    status,
    mode,
    notBefore: readTime(change['notBefore']),
    expiresAt: readTime(change['expiresAt']),
    restrictions: restrictionsOf(change),
  }
}

/** One for all: most tokens have none that is forwarded. */
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({})

function restrictionsOf(change: Readonly<Record<string, unknown>>): Restrictions {
  const domains = readRecord(change['domains'])
  const ips = readRecord(change['ips'])
  return {
    domains: {
      enabled: readBoolean(domains['enabled']),
      entries: readList(domains['entries']).map((value) => {
        const entry = readRecord(value)
        const subdomains = readBoolean(entry['subdomains'])
        return { value: readText(entry['value']), subdomains, label: '' }
      }),
    },
    ips: {
      enabled: readBoolean(ips['enabled']),
      entries: readList(ips['entries']).map((value) => ({ value: readText(value), label: '' })),
    },
  }
}
