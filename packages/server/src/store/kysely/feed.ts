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
import type { EntryRow, Schema, TokenRow } from './schema.ts'
import { entriesOf, restrictionsOf } from './tokens.ts'

/** The feed of the store. Revisions are taken under the write lock, so none appears late. */
export function feedReader(db: Kysely<Schema>): FeedReader {
  return {
    read: (after, limit) =>
      // One transaction: the page, its records and the head are of one moment.
      db
        .transaction()
        .setAccessMode('read only')
        .execute((transaction) => readPage(transaction, after, limit)),
  }
}

async function readPage(db: Kysely<Schema>, after: Revision, limit: number): Promise<FeedPage> {
  const meta = await db.selectFrom('meta').selectAll().where('key', '=', 'epoch').executeTakeFirst()
  const head = await db
    .selectFrom('changes')
    .select((select) => select.fn.max('revision').as('revision'))
    .executeTakeFirst()
  const rows = await db
    .selectFrom('changes')
    .leftJoin('tokens', 'tokens.id', 'changes.token_id')
    .select(['changes.revision', 'changes.token_id'])
    .selectAll('tokens')
    .where('changes.revision', '>', after)
    .orderBy('changes.revision')
    .limit(limit)
    .execute()
  const ids = rows.map((row) => row.token_id)
  const entries = await entriesOf(db, ids)
  const secrets = await secretsOf(db, ids)
  return {
    epoch: meta?.value ?? '',
    head: (head?.revision ?? NO_REVISION) as Revision,
    changes: rows.map((row): TokenChange => {
      const tokenId = row.token_id as TokenId // only ids are written
      const base = {
        revision: row.revision as Revision,
        tokenId,
        secrets: secrets.get(tokenId) ?? [],
      }
      if (row.id === null) return { ...base, kind: 'removed' }
      return { ...base, ...recordOf(row as TokenRow, entries.get(tokenId) ?? []) } // id is set: all are
    }),
  }
}

/** One damaged row costs one token, never the feed. */
function recordOf(
  row: TokenRow,
  entries: readonly EntryRow[],
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

async function secretsOf(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TokenChange['secrets']>> {
  const secrets = new Map<string, { hash: TokenHash; endsAt: number | undefined }[]>()
  for (let at = 0; at < ids.length; at += 500) {
    const rows = await db
      .selectFrom('secrets')
      .select(['hash', 'token_id', 'ends_at'])
      .where('token_id', 'in', ids.slice(at, at + 500))
      .execute()
    for (const row of rows) {
      const secret = { hash: row.hash as TokenHash, endsAt: row.ends_at ?? undefined } // only hashes are written
      const known = secrets.get(row.token_id)
      if (known === undefined) secrets.set(row.token_id, [secret])
      else known.push(secret)
    }
  }
  return secrets
}
