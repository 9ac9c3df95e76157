import { Kysely, SqliteDialect } from 'kysely'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import { migrate } from '../src/store/kysely/migrations/migrate.ts'
import type { Schema } from '../src/store/kysely/schema.ts'
import { oneConnectionStore } from '../src/store/sqlite/one-connection-store.ts'
import type { Store } from '../src/store/store.ts'

/** The store's own code on SQLite in memory, without a thread: every answer is there at once. */
export interface SimulatedStore {
  readonly store: Store
  /** Forgets everything, as if it had just been made. */
  empty(epoch: string): void
  /** Everything that a backup of the feed's tables has. */
  backup(): StoreCopy
  /** Puts a backup in the place of the store, with an epoch of its own. */
  restore(copy: StoreCopy, epoch: string): void
  /** Writes past the store. */
  tamper(statement: string, ...parameters: SQLInputValue[]): void
}

/** The rows of each table. */
export type StoreCopy = ReadonlyMap<string, readonly Record<string, SQLOutputValue>[]>

/** Tables that come back from a backup; `sqlite_sequence` is where the feed's revisions go on. */
const COPIED = ['tokens', 'secrets', 'entries', 'changes', 'sqlite_sequence'] as const

/** Opens an empty store. */
export async function openSimulatedStore(): Promise<SimulatedStore> {
  const database = new DatabaseSync(':memory:')
  const db = new Kysely<Schema>({ dialect: synchronousDialect(database) })
  await migrate(db, () => {})
  const store = oneConnectionStore(db)
  const setEpoch = (epoch: string): void => {
    database.prepare("insert or replace into meta (key, value) values ('epoch', ?)").run(epoch)
  }
  return {
    store,
    empty: (epoch) => {
      for (const table of [...COPIED, 'audit']) database.exec(`delete from ${table}`)
      setEpoch(epoch)
    },
    backup: () =>
      new Map(COPIED.map((table) => [table, database.prepare(`select * from ${table}`).all()])),
    restore: (copy, epoch) => {
      for (const [table, rows] of copy) {
        database.exec(`delete from ${table}`)
        for (const row of rows) insertRow(database, table, row)
      }
      setEpoch(epoch)
    },
    tamper: (statement, ...parameters) => {
      database.prepare(statement).run(...parameters)
    },
  }
}

function insertRow(
  database: DatabaseSync,
  table: string,
  row: Record<string, SQLOutputValue>,
): void {
  const columns = Object.keys(row)
  const places = columns.map(() => '?').join(', ')
  database
    .prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`)
    .run(...Object.values(row))
}

/** Kysely's own dialect, which queues for its one connection by promises alone. */
function synchronousDialect(database: DatabaseSync): SqliteDialect {
  const prepared = new Map<string, PreparedStatement>()
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare: (sql) => {
        const known = prepared.get(sql) ?? preparedStatement(database, sql)
        prepared.set(sql, known)
        return known
      },
    },
  })
}

type PreparedStatement = ReturnType<typeof preparedStatement>

function preparedStatement(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql)
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])), // Kysely knows them as unknown
    run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])), // the same
    iterate: (): never => {
      throw new TypeError('nothing is streamed')
    },
  }
}
