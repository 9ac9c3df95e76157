import type { EpochMs } from '@keyfence/core'
import { sql, type Transaction } from 'kysely'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { DatabasePlace } from '../../config/database-url.ts'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { inChunks } from '../kysely/row-chunks.ts'
import type { Schema } from '../kysely/schema.ts'
import { TABLES_OF_THE_MOMENT } from '../sqlite/restore-sqlite.ts'
import type { RevivedToken } from '../sqlite/revived-tokens.ts'
import { StoreError } from '../store-error.ts'
import { ANNOUNCEMENT } from './announcements.ts'
import { settleRows } from './move-position.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'
import { withMigrated } from './open-postgres.ts'
import { tokensRevivedHere } from './revived-here.ts'

/** What a restore into a database needs. */
export interface PostgresRestoreOptions {
  /** A sound backup of this version. */
  readonly backupPath: string
  readonly place: DatabasePlace
  readonly random: RandomBytes
  readonly now: EpochMs
  /** The tokens of which somebody knows that they will be accepted again. */
  readonly consented: readonly RevivedToken[]
  readonly progress: (doneRows: number, totalRows: number) => void
}

/**
 * Puts a backup in the place of what is in a database, in one transaction: nodes that run see all of it or
 * nothing, cannot write meanwhile, and read a full copy afterwards. Sessions and links of then do not come back.
 * @throws StoreError if a token would be revived that is not among `consented`: nothing was changed
 */
export async function restorePostgres(options: PostgresRestoreOptions): Promise<void> {
  const source = new DatabaseSync(options.backupPath, { readOnly: true })
  try {
    await withMigrated(options.place, (db) =>
      db.transaction().execute((transaction) => replaceAll(transaction, { ...options, source })),
    )
  } finally {
    source.close()
  }
}

type Replacing = PostgresRestoreOptions & { readonly source: DatabaseSync }

/** The transaction keeps all other writers out, so that nobody revokes what is about to be replaced. */
async function replaceAll(db: Transaction<Schema>, replacing: Replacing): Promise<void> {
  await refuseUnconsented(db, replacing)
  const { source, progress, random } = replacing
  // Not truncate, which would show a reader of before an empty table.
  for (const table of MOVED_TABLES) await db.deleteFrom(table).execute()
  const expected = expectedRows(source)
  const totalRows = Object.values(expected).reduce((total, rows) => total + rows, 0)
  let doneRows = 0
  for (const table of MOVED_TABLES) {
    if (!comesBack(table)) continue
    for (const rows of pagesFrom(source, table)) {
      await insertAll(db, { table, rows })
      doneRows += rows.length
      progress(doneRows, totalRows)
    }
  }
  await renewEpoch(db, random)
  await settleRows(db, expected)
  // Nodes that run look at once.
  await sql`select ${ANNOUNCEMENT}`.execute(db)
}

async function refuseUnconsented(
  db: Transaction<Schema>,
  { backupPath, now, consented }: Replacing,
): Promise<void> {
  const known = new Set(consented.map(({ id }) => id))
  const revived = await tokensRevivedHere(db, { backupPath, now })
  const unknown = revived.find(({ id }) => !known.has(id))
  if (unknown === undefined) return
  throw new StoreError(
    'store_unavailable',
    `Since you were asked, ${unknown.id} was ${unknown.because}. Nothing was restored: begin again.`,
  )
}

function comesBack(table: MovedTable): boolean {
  return !(TABLES_OF_THE_MOMENT as readonly MovedTable[]).includes(table)
}

function expectedRows(source: DatabaseSync): Readonly<Record<MovedTable, number>> {
  const counts = MOVED_TABLES.map((table) => {
    const row = source.prepare(`select count(*) as total from ${table}`).get()
    return [table, comesBack(table) ? Number(row?.['total'] ?? 0) : 0] as const
  })
  return Object.fromEntries(counts) as Record<MovedTable, number> // each of the tables
}

const ROWS_AT_ONCE = 1024

type Row = Readonly<Record<string, SQLOutputValue>>

function* pagesFrom(source: DatabaseSync, table: MovedTable): Generator<readonly Row[]> {
  let page: Row[] = []
  for (const row of source.prepare(`select * from ${table} order by rowid`).iterate()) {
    page.push(row)
    if (page.length < ROWS_AT_ONCE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

interface Page {
  readonly table: MovedTable
  readonly rows: readonly Row[]
}

async function insertAll(db: Transaction<Schema>, { table, rows }: Page): Promise<void> {
  for (const chunk of inChunks(rows)) await db.insertInto(table).values(chunk).execute()
}

async function renewEpoch(db: Transaction<Schema>, random: RandomBytes): Promise<void> {
  const value = Buffer.from(random(16)).toString('hex')
  await db
    .insertInto('meta')
    .values({ key: 'epoch', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
