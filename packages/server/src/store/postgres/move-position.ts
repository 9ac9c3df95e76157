import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../kysely/schema.ts'
import { StoreError } from '../store-error.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'

/** How far a move is: it is kept in the database that it goes to. */
export interface MovePosition {
  /** What the source was when it began. */
  readonly source: string
  /** The place in `MOVED_TABLES` of the table that it is in. */
  readonly table: number
  /** The last row of that table that has moved. */
  readonly rowid: number
  readonly movedRows: number
}

const KEY = 'move'

/**
 * Where to go on: at the beginning in an empty database, and in one with the half of a move from a source
 * that has changed since, which is emptied.
 * @throws StoreError where there is anything else in it
 */
export async function positionOfMove(db: Kysely<Schema>, source: string): Promise<MovePosition> {
  return db.transaction().execute(async (transaction) => {
    const kept = await keptPosition(transaction)
    if (kept?.source === source) return kept
    if (kept === undefined && (await isInUse(transaction))) throw IN_USE
    for (const table of MOVED_TABLES) await transaction.deleteFrom(table).execute()
    const first: MovePosition = { source, table: 0, rowid: 0, movedRows: 0 }
    await savePosition(transaction, first)
    return first
  })
}

/** Keeps how far it is, in the transaction of the rows. */
export async function savePosition(db: Kysely<Schema>, position: MovePosition): Promise<void> {
  const value = JSON.stringify(position)
  await db
    .insertInto('meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

/**
 * Compares what is on both sides, lets the counters go on behind what has moved, and opens the database.
 * @throws StoreError where a table has not as many rows as its source
 */
export async function finishMove(
  db: Kysely<Schema>,
  expected: Readonly<Record<MovedTable, number>>,
): Promise<void> {
  await db.transaction().execute((transaction) => settleRows(transaction, expected))
}

/** The same, within a transaction. */
export async function settleRows(
  transaction: Transaction<Schema>,
  expected: Readonly<Record<MovedTable, number>>,
): Promise<void> {
  for (const table of MOVED_TABLES) {
    const { rows } = await sql<{ total: number }>`
      select count(*) as total from ${sql.table(table)}`.execute(transaction)
    const total = rows[0]?.total ?? 0
    if (total !== expected[table]) throw differs(table, total, expected[table])
  }
  await sql`select
    setval(pg_get_serial_sequence('changes', 'revision'), max(revision)) from changes
    having max(revision) is not null`.execute(transaction)
  await sql`select
    setval(pg_get_serial_sequence('refusals', 'position'), max(position)) from refusals
    having max(position) is not null`.execute(transaction)
  await transaction.deleteFrom('meta').where('key', '=', KEY).execute()
}

/** @throws StoreError where only the half of a store is in the database */
export async function refuseHalfMoved(db: Kysely<Schema>): Promise<void> {
  if ((await keptPosition(db)) === undefined) return
  throw new StoreError(
    'store_unavailable',
    'A move from SQLite into this database has not ended: run "keyfence import --from sqlite:FOLDER" again.',
  )
}

async function keptPosition(db: Kysely<Schema>): Promise<MovePosition | undefined> {
  const row = await db.selectFrom('meta').selectAll().where('key', '=', KEY).executeTakeFirst()
  return row === undefined ? undefined : (JSON.parse(row.value) as MovePosition) // written above
}

/** Whether there is anything in it; what a node on an empty database makes by itself does not count. */
export async function isInUse(db: Kysely<Schema>): Promise<boolean> {
  for (const table of ['secrets', 'management_keys', 'administrators', 'audit'] as const) {
    const found = await db.selectFrom(table).select('created_at').limit(1).executeTakeFirst()
    if (found !== undefined) return true
  }
  return false
}

const IN_USE = new StoreError(
  'store_unavailable',
  'The database is in use already: name an empty one in KEYFENCE_DATABASE_URL.',
)

function differs(table: MovedTable, total: number, expected: number): StoreError {
  return new StoreError(
    'store_unavailable',
    `${table} has ${total} rows, and its source ${expected}: somebody else writes into the database. Empty it, and begin again.`,
  )
}
