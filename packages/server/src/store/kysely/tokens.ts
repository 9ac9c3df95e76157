import type { Restrictions, TokenMode, TokenStatus } from '@keyfence/core'
import { type Kysely, type Nullable, sql } from 'kysely'
import type { TokenId } from '../../identifier/identifier.ts'
import type { Token, TokenHash, TokenSecret } from '../../token/token.ts'
import type { TokenReader, TokenWriter } from '../../token/token-store.ts'
import type { Announcements } from './announcements.ts'
import { write } from './deferred-write.ts'
import type { JsonRows } from './json-rows.ts'
import { takesNextRevision } from './next-revision.ts'
import type { EntryRow, ListedEntryRow, Schema, TokenRow } from './schema.ts'
import { tokenStates } from './token-states.ts'
import { tokenCount, tokenRows } from './token-list.ts'

/** Tokens in the store. */
export function tokenStore(
  db: Kysely<Schema>,
  announcements: Announcements,
  jsonRows: JsonRows,
): TokenWriter {
  return {
    find: async (id) => {
      const rows = await tokenWithEntries(db, id)
      const [row] = rows
      return row === undefined ? undefined : tokenOf(row, rows.flatMap(entryOf))
    },
    list: async (filter, page) => withEntries(db, await tokenRows(db, filter, page)),
    count: (filter, most) => tokenCount(db, filter, most),
    ownersOf: (ids) => ownersOf(db, ids),
    ...tokenStates(db, announcements, jsonRows),
    secretsOf: async (id) => {
      const rows = await db
        .selectFrom('secrets')
        .selectAll()
        .where('token_id', '=', id)
        .orderBy('created_at', 'desc')
        .orderBy('ends_at', (order) => order.desc().nullsFirst())
        .execute()
      return rows.map(
        (row): TokenSecret => ({
          hash: row.hash as TokenHash, // only hashes are written
          createdAt: row.created_at,
          endsAt: row.ends_at ?? undefined,
        }),
      )
    },
    knownHashes: async (hashes) => {
      const asked = jsonRows(hashes.map((hash) => ({ hash })))
      const { rows } = await sql<{ readonly hash: TokenHash }>`
        select secrets.hash from ${asked} join secrets on secrets.hash = value ->> 'hash'
      `.execute(db)
      return new Set(rows.map(({ hash }) => hash))
    },
    ...tokenWrites(db, announcements),
  }
}

type TokenWrites = Omit<TokenWriter, keyof TokenReader | 'revokeAll'>

function tokenWrites(db: Kysely<Schema>, { announcement }: Announcements): TokenWrites {
  return {
    insert: async (token) => {
      await write(db, db.insertInto('tokens').values(rowOf(token)))
      await insertEntries(db, token)
    },
    update: async (token) => {
      await write(db, db.updateTable('tokens').set(rowOf(token)).where('id', '=', token.id))
      await write(db, db.deleteFrom('entries').where('token_id', '=', token.id))
      await insertEntries(db, token)
    },
    remove: async (id) => {
      await write(db, db.deleteFrom('entries').where('token_id', '=', id))
      await write(db, db.deleteFrom('tokens').where('id', '=', id))
    },
    insertSecret: async (id, secret) => {
      const row = {
        hash: secret.hash,
        token_id: id,
        created_at: secret.createdAt,
        ends_at: secret.endsAt ?? null,
      }
      await write(db, db.insertInto('secrets').values(row))
    },
    endSecret: async (hash, endsAt) => {
      const update = db.updateTable('secrets').set({ ends_at: endsAt }).where('hash', '=', hash)
      await write(
        db,
        update.where((where) =>
          where.or([where('ends_at', 'is', null), where('ends_at', '>', endsAt)]),
        ),
      )
    },
    recordChange: async ({ id, owner }, now) => {
      const insert = db
        .insertInto('changes')
        .values({ token_id: id, created_at: now, owner })
        .onConflict(takesNextRevision)
      // With it, for each answer lengthens the turn to write.
      await write(
        db,
        announcement === undefined ? insert : insert.returning(announcement.as('announced')),
      )
    },
  }
}

/** The token's row once for each of its entries, in the order of its lists, or once if it has none. */
function tokenWithEntries(db: Kysely<Schema>, id: TokenId) {
  return db
    .selectFrom('tokens')
    .leftJoin('entries', 'entries.token_id', 'tokens.id')
    .selectAll('tokens')
    .select(['entries.list', 'entries.value', 'entries.subdomains', 'entries.label'])
    .where('tokens.id', '=', id)
    .orderBy('entries.position')
    .execute()
}

function entryOf(row: Nullable<ListedEntryRow>): readonly ListedEntryRow[] {
  return row.list === null ? [] : [row as ListedEntryRow] // its columns are there together
}

/** The tokens of these rows, in their order, with their entries. */
export async function withEntries(db: Kysely<Schema>, rows: readonly TokenRow[]): Promise<Token[]> {
  const entries = await entriesOf(
    db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => tokenOf(row, entries.get(row.id) ?? []))
}

const IDS_PER_QUERY = 500

async function ownersOf(
  db: Kysely<Schema>,
  ids: readonly TokenId[],
): Promise<ReadonlyMap<TokenId, string>> {
  const owners = new Map<TokenId, string>()
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const query = db.selectFrom('tokens').select(['id', 'owner'])
    const rows = await query.where('id', 'in', ids.slice(at, at + IDS_PER_QUERY)).execute()
    for (const { id, owner } of rows) owners.set(id as TokenId, owner) // only ids are written
  }
  return owners
}

/** The entries of these tokens, in the order of their lists. */
async function entriesOf(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly EntryRow[]>> {
  const rows: EntryRow[] = []
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const query = db
      .selectFrom('entries')
      .selectAll()
      .where('token_id', 'in', ids.slice(at, at + IDS_PER_QUERY))
      .orderBy('position')
    rows.push(...(await query.execute()))
  }
  return Map.groupBy(rows, (row) => row.token_id)
}

/** The restrictions that a row and its entries make. */
export function restrictionsOf(
  row: Pick<TokenRow, 'domains_enabled' | 'ips_enabled'>,
  entries: readonly ListedEntryRow[],
): Restrictions {
  const ofList = (list: EntryRow['list']) => entries.filter((entry) => entry.list === list)
  return {
    domains: {
      enabled: row.domains_enabled === 1,
      entries: ofList('domains').map(({ value, subdomains, label }) => ({
        value,
        subdomains: subdomains === 1,
        label,
      })),
    },
    ips: {
      enabled: row.ips_enabled === 1,
      entries: ofList('ips').map(({ value, label }) => ({ value, label })),
    },
  }
}

function tokenOf(row: TokenRow, entries: readonly ListedEntryRow[]): Token {
  return {
    id: row.id as TokenId, // only ids are written; the same holds for the unions below
    name: row.name,
    owner: row.owner,
    hint: row.hint,
    metadata: JSON.parse(row.metadata),
    createdAt: row.created_at,
    notBefore: row.not_before ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    status: row.status as TokenStatus,
    mode: row.mode as TokenMode,
    restrictions: restrictionsOf(row, entries),
    version: row.version,
  }
}

function rowOf(token: Token): TokenRow {
  return {
    id: token.id,
    name: token.name,
    owner: token.owner,
    hint: token.hint,
    metadata: JSON.stringify(token.metadata),
    created_at: token.createdAt,
    not_before: token.notBefore ?? null,
    expires_at: token.expiresAt ?? null,
    last_used_at: token.lastUsedAt ?? null,
    status: token.status,
    mode: token.mode,
    domains_enabled: token.restrictions.domains.enabled ? 1 : 0,
    ips_enabled: token.restrictions.ips.enabled ? 1 : 0,
    version: token.version,
  }
}

async function insertEntries(db: Kysely<Schema>, token: Token): Promise<void> {
  const { domains, ips } = token.restrictions
  const rows: EntryRow[] = [
    ...domains.entries.map((entry, position) => ({
      token_id: token.id,
      list: 'domains' as const,
      position,
      value: entry.value,
      subdomains: entry.subdomains ? 1 : 0,
      label: entry.label,
    })),
    ...ips.entries.map((entry, position) => ({
      token_id: token.id,
      list: 'ips' as const,
      position,
      value: entry.value,
      subdomains: 0,
      label: entry.label,
    })),
  ]
  if (rows.length > 0) await write(db, db.insertInto('entries').values(rows))
}
