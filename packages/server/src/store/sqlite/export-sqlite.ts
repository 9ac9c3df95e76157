import type { DatabaseSync } from 'node:sqlite'
import type { EntryRow, TokenRow } from '../kysely/schema.ts'
import { restrictionsOf } from '../kysely/tokens.ts'
import { StoreError } from '../store-error.ts'
import { openReadOnly, schemaAge } from './read-only-sqlite.ts'

/** One token with the hash of its newest secret, as an import takes it; never a plain token. */
export interface ExportedToken {
  readonly id: string
  /** `undefined` members are damaged or missing. */
  readonly draft: Readonly<Record<string, unknown>>
}

/** What is in the store, and what an export leaves out. */
export interface ExportExtent {
  readonly tokens: number
  /** Secrets that were rotated out or are about to end. */
  readonly rotatedSecrets: number
  /** Hashes of deleted tokens. */
  readonly deletedHashes: number
}

/** The tokens of a store as they are at one moment. */
export interface ExportSource {
  readonly extent: ExportExtent
  readonly tokens: () => Iterable<ExportedToken>
  readonly close: () => void
}

/**
 * Reads the tokens of a data folder's store in the order of their creation, all as of this moment,
 * while a node may run.
 * @throws StoreError if there is no store, or it is one of another version.
 */
export function exportSqlite(folder: string): ExportSource {
  const database = openReadOnly(folder)
  try {
    if (schemaAge(database) !== 'current') throw otherVersion()
    // One transaction: what changes meanwhile is not half in it.
    database.exec('begin')
    const extent = database.prepare(EXTENT).get() as unknown as ExportExtent // what it selects
    return { extent, tokens: () => exportedTokens(database), close: () => database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

function otherVersion(): StoreError {
  return new StoreError(
    'store_unavailable',
    'The store was written by another version of Keyfence. Start this one on it once, or use that one.',
  )
}

const EXTENT = `
  select
    (select count(*) from tokens) as tokens,
    (select count(*) from secrets where ends_at is not null
      and token_id in (select id from tokens)) as rotatedSecrets,
    (select count(*) from secrets where token_id not in (select id from tokens)) as deletedHashes`

function* exportedTokens(database: DatabaseSync): Generator<ExportedToken> {
  const entries = database.prepare('select * from entries where token_id = ? order by position')
  const newest = database.prepare('select hash from secrets where token_id = ? and ends_at is null')
  for (const found of database.prepare('select * from tokens order by id').iterate()) {
    const row = found as unknown as TokenRow // what the table holds, or a damaged record
    const restrictions = restrictionsOf(row, entries.all(row.id) as unknown as EntryRow[]) // likewise
    yield {
      id: row.id,
      draft: {
        hash: newest.get(row.id)?.['hash'],
        hint: row.hint,
        name: row.name,
        owner: row.owner,
        status: row.status,
        mode: row.mode,
        notBefore: timeOf(row.not_before),
        expiresAt: timeOf(row.expires_at),
        metadata: parsed(row.metadata),
        restrictions,
      },
    }
  }
}

function timeOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
