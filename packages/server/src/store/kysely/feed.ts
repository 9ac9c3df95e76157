import type { TokenMode, TokenStatus } from '@keyfence/core'
import type { Kysely, Selectable } from 'kysely'
import {
  type FeedPage,
  type FeedReader,
  NO_REVISION,
  type Revision,
  type TokenChange,
  type TokenRecord,
} from '../../fence/change-feed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenHash } from '../../token/token.ts'
import { storedEpoch } from './epoch.ts'
import type { ListedEntryRow, Schema, TokenRow } from './schema.ts'
import { restrictionsOf } from './tokens.ts'

/** A token that changed, with all of it that a decision needs. */
export interface ChangedToken {
  readonly change: Pick<Selectable<Schema['changes']>, 'revision' | 'token_id' | 'owner'>
  /** Absent of one that was deleted. */
  readonly token: FeedTokenRow | undefined
  /** In the order of their lists. */
  readonly entries: readonly ListedEntryRow[]
  /** Ended ones too. */
  readonly secrets: readonly { readonly hash: string; readonly ends_at: number | null }[]
}

/** The feed of the store. Revisions are taken under the write lock, so none appears late. */
export function feedReader(db: Kysely<Schema>): FeedReader {
  return {
    read: (after, limit) =>
      // One transaction: the page, its records and the head are of one moment.
      db
        .transaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute(async (transaction) => ({
          epoch: await storedEpoch(transaction),
          ...(await readPage(transaction, after, limit)),
        })),
  }
}

async function readPage(
  db: Kysely<Schema>,
  after: Revision,
  limit: number,
): Promise<Omit<FeedPage, 'epoch'>> {
  const newest = await db
    .selectFrom('changes')
    .select((select) => select.fn.max('revision').as('revision'))
    .executeTakeFirst()
  const head = (newest?.revision ?? NO_REVISION) as Revision // a column that counts
  // As at most polls: three questions less.
  if (head <= after) return { head, changes: [] }
  return { head, changes: (await changedTokens(db, after, limit)).map(changeOf) }
}

/** What the feed says of a token that changed. */
export function changeOf({ change, token, entries, secrets }: ChangedToken): TokenChange {
  const base = {
    revision: change.revision as Revision, // a column that counts
    tokenId: change.token_id as TokenId, // only ids are written
    owner: token?.owner ?? change.owner ?? undefined,
    secrets: secrets.map(secretOf),
  }
  if (token === undefined) return { ...base, kind: 'removed' }
  return { ...base, ...recordOf(token, entries) }
}

/** What a decision needs of a token, and no more: a first copy reads every token there is. */
const FEED_COLUMNS = [
  'tokens.id',
  'tokens.owner',
  'tokens.metadata',
  'tokens.status',
  'tokens.mode',
  'tokens.not_before',
  'tokens.expires_at',
  'tokens.domains_enabled',
  'tokens.ips_enabled',
] as const

type FeedTokenRow = Pick<
  TokenRow,
  (typeof FEED_COLUMNS)[number] extends `tokens.${infer Column extends keyof TokenRow}`
    ? Column
    : never
>

async function changedTokens(
  db: Kysely<Schema>,
  after: Revision,
  limit: number,
): Promise<readonly ChangedToken[]> {
  const rows = await db
    .selectFrom('changes')
    .leftJoin('tokens', 'tokens.id', 'changes.token_id')
    .select([
      'changes.revision',
      'changes.token_id',
      'changes.owner as change_owner',
      ...FEED_COLUMNS,
    ])
    .where('changes.revision', '>', after)
    .orderBy('changes.revision')
    .limit(limit)
    .execute()
  const last = rows.at(-1)?.revision ?? after
  const entries = await entriesBetween(db, after, last)
  const secrets = await secretsBetween(db, after, last)
  return rows.map(({ revision, token_id, change_owner, ...token }) => ({
    change: { revision, token_id, owner: change_owner },
    token: token.id === null ? undefined : (token as FeedTokenRow), // id is set: all are
    entries: entries.get(revision) ?? [],
    secrets: secrets.get(revision) ?? [],
  }))
}

/**
 * The entries of the tokens that changed in these revisions, in the order of their lists. By revision:
 * a number is cheaper to carry and to find than a token's id, and a first copy reads every row.
 */
async function entriesBetween(db: Kysely<Schema>, after: number, last: number) {
  const rows = await db
    .selectFrom('changes')
    .innerJoin('entries', 'entries.token_id', 'changes.token_id')
    .select([
      'changes.revision',
      'entries.list',
      'entries.value',
      'entries.subdomains',
      'entries.label',
    ])
    .where('changes.revision', '>', after)
    .where('changes.revision', '<=', last)
    .orderBy('changes.revision')
    .orderBy('entries.list')
    .orderBy('entries.position')
    .execute()
  return Map.groupBy(rows, ({ revision }) => revision)
}

/** The secrets, ended ones too, of the tokens that changed in these revisions. */
async function secretsBetween(db: Kysely<Schema>, after: number, last: number) {
  const rows = await db
    .selectFrom('changes')
    .innerJoin('secrets', 'secrets.token_id', 'changes.token_id')
    .select(['changes.revision', 'secrets.hash', 'secrets.ends_at'])
    .where('changes.revision', '>', after)
    .where('changes.revision', '<=', last)
    .execute()
  return Map.groupBy(rows, ({ revision }) => revision)
}

function secretOf(row: { readonly hash: string; readonly ends_at: number | null }) {
  return { hash: row.hash as TokenHash, endsAt: row.ends_at ?? undefined } // only hashes are written
}

/** What a change says of a token that is there. One damaged row costs one token, never the feed. */
export function recordOf(
  row: FeedTokenRow,
  entries: readonly ListedEntryRow[],
): { kind: 'saved'; record: TokenRecord } | { kind: 'unreadable'; because: string } {
  const metadata = parseMetadata(row.metadata)
  if (metadata === undefined) return { kind: 'unreadable', because: 'metadata' }
  if (!STATUSES.has(row.status)) return { kind: 'unreadable', because: 'status' }
  if (!MODES.has(row.mode)) return { kind: 'unreadable', because: 'mode' }
  return {
    kind: 'saved',
    record: {
      tokenId: row.id as TokenId, // only ids are written
      owner: row.owner,
      metadata,
      status: row.status as TokenStatus, // checked above
      mode: row.mode as TokenMode, // checked above
      notBefore: row.not_before ?? undefined,
      expiresAt: row.expires_at ?? undefined,
      restrictions: restrictionsOf(row, entries),
    },
  }
}

const STATUSES: ReadonlySet<string> = new Set<TokenStatus>(['active', 'disabled', 'revoked'])
const MODES: ReadonlySet<string> = new Set<TokenMode>(['enforce', 'report'])

function parseMetadata(text: string): Readonly<Record<string, string>> | undefined {
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
