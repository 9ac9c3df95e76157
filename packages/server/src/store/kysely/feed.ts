import type { TokenMode, TokenStatus } from '@keyfence/core'
import type { Kysely } from 'kysely'
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
import type { ReadEpoch } from './epoch.ts'
import type { ListedEntryRow, Schema, TokenRow } from './schema.ts'
import { restrictionsOf } from './tokens.ts'

/** A token that changed, with all of it that a decision needs. */
export interface ChangedToken {
  readonly row: Awaited<ReturnType<ReturnType<typeof changeRows>['execute']>>[number]
  /** In the order of their lists. */
  readonly entries: readonly ListedEntryRow[]
  /** Ended ones too. */
  readonly secrets: readonly { readonly hash: string; readonly ends_at: number | null }[]
}

/** So many of the tokens that changed behind a revision, in the order of their changes. */
export type ReadChangedTokens = (
  db: Kysely<Schema>,
  after: Revision,
  limit: number,
) => Promise<readonly ChangedToken[]>

/**
 * The feed of the store. Revisions are taken under the write lock, so none appears late.
 * @param changedTokens the engine's own way, if it has one.
 */
export function feedReader(
  db: Kysely<Schema>,
  epoch: ReadEpoch,
  changedTokens: ReadChangedTokens = tokensInThreeParts,
): FeedReader {
  return {
    read: (after, limit) =>
      // One transaction: the page, its records and the head are of one moment.
      db
        .transaction()
        .setAccessMode('read only')
        .setIsolationLevel('repeatable read')
        .execute(async (transaction) => ({
          epoch: await epoch(transaction),
          ...(await readPage(transaction, () => changedTokens(transaction, after, limit), after)),
        })),
  }
}

async function readPage(
  db: Kysely<Schema>,
  changedTokens: () => Promise<readonly ChangedToken[]>,
  after: Revision,
): Promise<Omit<FeedPage, 'epoch'>> {
  const newest = await db
    .selectFrom('changes')
    .select((select) => select.fn.max('revision').as('revision'))
    .executeTakeFirst()
  const head = (newest?.revision ?? NO_REVISION) as Revision // a column that counts
  // As at most polls. One question less, or three: with a slow database, a copy stays young enough.
  if (head <= after) return { head, changes: [] }
  return { head, changes: (await changedTokens()).map(changeOf) }
}

function changeOf({ row, entries, secrets }: ChangedToken): TokenChange {
  const base = {
    revision: row.revision as Revision, // a column that counts
    tokenId: row.token_id as TokenId, // only ids are written
    owner: row.owner ?? row.change_owner ?? undefined,
    secrets: secrets.map(secretOf),
  }
  if (row.id === null) return { ...base, kind: 'removed' }
  return { ...base, ...recordOf(row as FeedTokenRow, entries) } // id is set: all are
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

/** The query for tokens that changed, without their lists and secrets. */
export function changeRows(db: Kysely<Schema>, after: Revision, limit: number) {
  return db
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
}

const tokensInThreeParts: ReadChangedTokens = async (db, after, limit) => {
  const rows = await changeRows(db, after, limit).execute()
  const last = rows.at(-1)?.revision ?? after
  const entries = await entriesBetween(db, after, last)
  const secrets = await secretsBetween(db, after, last)
  return rows.map((row) => ({
    row,
    entries: entries.get(row.revision) ?? [],
    secrets: secrets.get(row.revision) ?? [],
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
