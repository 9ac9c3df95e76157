import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely'
import { StoreError } from '../store-error.ts'
import { SqliteConnection } from './sqlite-connection.ts'

/** How long a transaction waits for those before it. Whoever asked is told "later" then. */
const TURN_TIMEOUT_MS = 5000

/** Kysely on `node:sqlite`: one connection, so that transactions queue instead of failing. */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new QueueingAdapter(),
    createDriver: () => new OneConnectionDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Kysely would queue for a single connection without limit. The driver does it with one. */
class QueueingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class OneConnectionDriver implements Driver {
  readonly #path: string
  #connection: SqliteConnection | undefined
  #released: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  constructor(path: string) {
    this.#path = path
  }

  /** Not before the first query: Kysely destroys no driver that it never asked anything. */
  async init(): Promise<void> {
    this.#connection = new SqliteConnection(this.#path)
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#released
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#released = promise
    if (!(await settlesWithin(before, TURN_TIMEOUT_MS))) {
      // Those behind wait for those before, as if this one had not come.
      void before.then(resolve)
      throw new StoreError('store_unavailable', 'SQLite is busy with what was asked before.')
    }
    this.#release = resolve
    if (this.#connection === undefined) throw new TypeError('Kysely asks init() first')
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#release()
  }

  /** IMMEDIATE: the write lock is taken at once, so that a writer never has to give up half way. */
  async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const begin = settings.accessMode === 'read only' ? 'begin' : 'begin immediate'
    await connection.executeQuery(CompiledQuery.raw(begin))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite rolls back by itself when the disk is full, and then there is nothing to roll back:
    // the error that led here is the one to report.
    await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => {})
  }

  async destroy(): Promise<void> {
    await this.#connection?.close()
  }
}

function settlesWithin(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(false), timeoutMs)
    void work.finally(() => {
      clearTimeout(timeout)
      resolve(true)
    })
  })
}
