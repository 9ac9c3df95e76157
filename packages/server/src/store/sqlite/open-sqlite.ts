import { chmodSync, mkdirSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { NO_ANNOUNCEMENTS } from '../kysely/announcements.ts'
import { ensureEpoch } from '../kysely/epoch.ts'
import type { JsonRows } from '../kysely/json-rows.ts'
import { migrate } from '../kysely/migrations/migrate.ts'
import type { Schema } from '../kysely/schema.ts'
import { storeOn } from '../kysely/kysely-store.ts'
import { StoreError } from '../store-error.ts'
import type { Store } from '../store.ts'
import { SEAL_KEY } from './backup-seal.ts'
import { DATABASE_FILE } from './database-file.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { sqliteFeed } from './sqlite-feed.ts'

/**
 * Opens the store in a data folder, made where it is missing, readable by its owner alone.
 * @param options.progress is told each migration.
 * @throws StoreError `schema_newer`, `store_unavailable`
 */
export async function openSqlite(options: {
  readonly folder: string
  readonly random: RandomBytes
  readonly progress: (step: string) => void
}): Promise<Store> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  const path = join(options.folder, DATABASE_FILE)
  // Made here first: SQLite gives its own files the mode of the database.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const db = new Kysely<Schema>({ dialect: sqliteDialect(path) })
  try {
    await migrate(db, options.progress)
    await ensureEpoch(db, options.random)
    await db.deleteFrom('meta').where('key', '=', SEAL_KEY).execute()
  } catch (error) {
    await db.destroy()
    throw notOpened(path, error)
  }
  // A writer that waits for another process's lock must not keep the fence from following.
  const following = new Kysely<Schema>({ dialect: sqliteDialect(path) })
  return storeOn({
    db,
    transact: (work) => db.transaction().execute(work),
    following,
    feed: sqliteFeed(following),
    reporting: db,
    storeTime: STORE_TIME,
    jsonRows: JSON_ROWS,
    announcements: NO_ANNOUNCEMENTS,
  })
}

/** The clock of the one machine that an embedded store has. */
export const STORE_TIME = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`

/** How SQLite makes a table of JSON. */
export const JSON_ROWS: JsonRows = (rows) => sql`json_each(${JSON.stringify(rows)})`

/** A file that is no store, or a damaged one, says which it is and what to do. */
function notOpened(path: string, error: unknown): unknown {
  if (!(error instanceof StoreError) || error.code !== 'store_unavailable') return error
  const what = `${path} cannot be opened as a store. ${error.message}`
  const remedy = 'Check the file, or put a backup in its place with keyfence restore.'
  return new StoreError('store_unavailable', `${what} ${remedy}`, { cause: error })
}
