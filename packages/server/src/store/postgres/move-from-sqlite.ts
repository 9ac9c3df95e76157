import type { Kysely } from 'kysely'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { DatabasePlace } from '../../config/database-url.ts'
import { inChunks } from '../kysely/row-chunks.ts'
import type { Schema } from '../kysely/schema.ts'
import { isOpenElsewhere, openReadOnly, schemaAge } from '../sqlite/read-only-sqlite.ts'
import { StoreError } from '../store-error.ts'
import { finishMove, type MovePosition, positionOfMove, savePosition } from './move-position.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'
import { withMigrated } from './open-postgres.ts'

/** What a move needs. */
export interface MoveOptions {
  /** The data folder that it comes from; no node may run on it. */
  readonly folder: string
  /** The database that it goes to: an empty one, or one with the half of this move. */
  readonly place: DatabasePlace
  readonly progress: (movedRows: number, totalRows: number) => void
}

/** How many rows of each table there are now, on both sides. */
export type MovedRows = Readonly<Record<MovedTable, number>>

/**
 * Copies a store from SQLite to PostgreSQL, all as of one moment. What was interrupted goes on where it
 * stopped; if the source has changed since, it begins again. Until it is done, no node opens the database.
 * @throws StoreError with what to do, where the source is in use or the target holds something else
 */
export async function moveFromSqlite({ folder, place, progress }: MoveOptions): Promise<MovedRows> {
  if (isOpenElsewhere(folder)) throw refused('A node runs on the data folder: stop it first.')
  const source = openReadOnly(folder)
  try {
    if (schemaAge(source) !== 'current') throw refused(OTHER_VERSION)
    source.exec('begin')
    const rows = countRows(source)
    const totalRows = Object.values(rows).reduce((total, count) => total + count, 0)
    await withMigrated(place, async (db) => {
      let at = await positionOfMove(db, sourceState(source, rows))
      while (at.table < MOVED_TABLES.length) {
        at = await moveRows(db, source, at)
        progress(at.movedRows, totalRows)
      }
      await finishMove(db, rows)
    })
    return rows
  } finally {
    source.close()
  }
}

const OTHER_VERSION =
  'The data folder was written by another version of Keyfence. Start this one on it once, then stop it.'

function refused(message: string): StoreError {
  return new StoreError('store_unavailable', message)
}

/** Another one as soon as anything was written that matters. */
function sourceState(source: DatabaseSync, rows: MovedRows): string {
  return JSON.stringify([source.prepare(STATE).get(), rows])
}

const STATE = `select
  (select value from meta where key = 'epoch') as epoch,
  (select max(revision) from changes) as revision,
  (select max(id) from audit) as audit,
  (select sum(count) from outcome_counts) as calls`

function countRows(source: DatabaseSync): MovedRows {
  const counts = MOVED_TABLES.map((table) => {
    const row = source.prepare(`select count(*) as total from ${table}`).get()
    return [table, Number(row?.['total'] ?? 0)] as const
  })
  return Object.fromEntries(counts) as MovedRows // each of the tables
}

const ROWS_AT_ONCE = 1024

/** One page of a table with the position behind it, both or neither. */
async function moveRows(
  db: Kysely<Schema>,
  source: DatabaseSync,
  at: MovePosition,
): Promise<MovePosition> {
  const table = MOVED_TABLES[at.table]
  if (table === undefined) return at
  const page = source
    .prepare(`select rowid as moved_rowid, * from ${table} where rowid > ? order by rowid limit ?`)
    .all(at.rowid, ROWS_AT_ONCE)
  const isLast = page.length < ROWS_AT_ONCE
  const next: MovePosition = {
    ...at,
    table: isLast ? at.table + 1 : at.table,
    rowid: isLast ? 0 : Number(page.at(-1)?.['moved_rowid'] ?? 0),
    movedRows: at.movedRows + page.length,
  }
  await db.transaction().execute(async (transaction) => {
    for (const rows of inChunks(page.map(withoutRowid))) {
      await transaction.insertInto(table).values(rows).execute()
    }
    await savePosition(transaction, next)
  })
  return next
}

function withoutRowid(
  row: Readonly<Record<string, SQLOutputValue>>,
): Readonly<Record<string, SQLOutputValue>> {
  const { moved_rowid: _, ...columns } = row
  return columns
}
