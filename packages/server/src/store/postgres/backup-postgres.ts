import { Kysely, sql } from 'kysely'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { DatabasePlace } from '../../config/database-url.ts'
import { migrate } from '../kysely/migrations/migrate.ts'
import type { Schema } from '../kysely/schema.ts'
import { type SealedTable, sealBackup, TableDigest } from '../sqlite/backup-seal.ts'
import { changeFile, writeBackup } from '../sqlite/backup-sqlite.ts'
import { sqliteDialect } from '../sqlite/sqlite-dialect.ts'
import { refuseHalfMoved } from './move-position.ts'
import { MOVED_TABLES, type MovedTable } from './moved-tables.ts'
import type { PoolLimits } from './open-pool.ts'
import { withSnapshot } from './open-postgres.ts'
import { pagesOf } from './row-pages.ts'

/** What a backup of a database needs. */
export interface PostgresBackupOptions {
  readonly place: DatabasePlace
  readonly limits: PoolLimits
  /** The file; it must not be there yet. */
  readonly target: string
  readonly progress: (doneRows: number, totalRows: number) => void
}

/**
 * Copies the store in a database into one file, all as of one moment, while nodes run. The file is a store
 * for SQLite, so that it can be restored into a data folder too. What was read of each row is digested, and
 * the file is read back and compared before it gets its name.
 * @returns how many tokens the copy holds.
 * @throws StoreError if the database cannot be read, is of another version or half moved, or `target` exists
 */
export async function backupPostgres(
  options: PostgresBackupOptions,
): Promise<{ readonly tokens: number }> {
  const { place, limits, target } = options
  const tokens = await writeBackup(target, (partial) =>
    withSnapshot({ place, limits }, async (db) => {
      await refuseHalfMoved(db)
      await makeTables(partial)
      await fill(partial, { db, progress: options.progress })
    }),
  )
  return { tokens }
}

async function makeTables(path: string): Promise<void> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(path) })
  try {
    await migrate(db, () => {})
  } finally {
    await db.destroy()
  }
}

interface Filling {
  readonly db: Kysely<Schema>
  readonly progress: (doneRows: number, totalRows: number) => void
}

async function fill(path: string, { db, progress }: Filling): Promise<void> {
  const totalRows = await countRows(db)
  let doneRows = 0
  await changeFile(path, async (database) => {
    const seal: Record<string, SealedTable> = {}
    for (const table of MOVED_TABLES) {
      const copy = { db, database, table }
      seal[table] = await copyTable(copy, (rows) => {
        doneRows += rows
        progress(doneRows, totalRows)
      })
    }
    await copyEpoch(db, database)
    sealBackup(database, seal)
  })
}

async function countRows(db: Kysely<Schema>): Promise<number> {
  let total = 0
  for (const table of MOVED_TABLES) {
    const { rows } = await sql<{ total: number }>`
      select count(*) as total from ${sql.table(table)}`.execute(db)
    total += rows[0]?.total ?? 0
  }
  return total
}

interface TableCopy {
  readonly db: Kysely<Schema>
  readonly database: DatabaseSync
  readonly table: MovedTable
}

async function copyTable(
  { db, database, table }: TableCopy,
  progress: (rows: number) => void,
): Promise<SealedTable> {
  const columns = database.prepare(`select name from pragma_table_info('${table}')`).all()
  const names = columns.map(({ name }) => String(name))
  const marks = names.map(() => '?').join(', ')
  const insert = database.prepare(`insert into ${table} (${names.join(', ')}) values (${marks})`)
  const digest = new TableDigest()
  const order = ROWID_ORDER[table]
  const statement = `select ${names.join(', ')} from ${table}${order === undefined ? '' : ` order by ${order}`}`
  for await (const page of pagesOf<Readonly<Record<string, SQLInputValue>>>(db, statement)) {
    for (const row of page) {
      const values = names.map((name) => row[name] ?? null)
      insert.run(...values)
      digest.add(values)
    }
    progress(page.length)
  }
  return digest.end()
}

/** Rows are read back in the order of SQLite's row ids, which in these tables are a column. */
const ROWID_ORDER: Partial<Record<MovedTable, string>> = {
  changes: 'revision',
  refusals: 'position',
}

async function copyEpoch(db: Kysely<Schema>, database: DatabaseSync): Promise<void> {
  const row = await db.selectFrom('meta').selectAll().where('key', '=', 'epoch').executeTakeFirst()
  database.prepare('insert into meta (key, value) values (?, ?)').run('epoch', row?.value ?? '')
}
