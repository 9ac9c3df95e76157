import type { Worker } from 'node:worker_threads'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { startThread } from '../../thread/start-thread.ts'
import { StoreError, type StoreErrorCode } from '../store-error.ts'
import type { SqliteReply, SqliteRequest } from './sqlite-messages.ts'

type AnsweredQuery = Extract<SqliteReply, { ok: true }>

interface Waiting {
  readonly resolve: (reply: AnsweredQuery) => void
  readonly reject: (error: StoreError) => void
}

/** The one connection to an SQLite file, held by a thread of its own. */
export class SqliteConnection implements DatabaseConnection {
  readonly #thread: Worker
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #broken: StoreError | undefined

  /** @param path the database file, or `:memory:`. */
  constructor(path: string) {
    this.#thread = startThread(import.meta.url, './sqlite-thread', { workerData: { path } })
    this.#thread.on('message', (reply: SqliteReply) => this.#settle(reply))
    this.#thread.on('error', (error) => this.#break(error))
    this.#thread.on('exit', () => this.#break(new Error('the thread ended')))
    // Waiting queries keep the process alive, an idle connection does not.
    this.#thread.unref()
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters as readonly SQLInputValue[] // Kysely knows them as unknown
    const reply = await this.#ask({ kind: 'query', id: this.#nextId++, sql: query.sql, parameters })
    return {
      rows: rowsOf(reply) as Row[], // the query's type says what its rows are
      numAffectedRows: BigInt(reply.changes),
    }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new StoreError('store_unavailable', 'Streaming is not supported: read by cursor.')
  }

  /** Closes the file and ends the thread. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return
    await this.#ask({ kind: 'close', id: this.#nextId++ })
  }

  #ask(request: SqliteRequest): Promise<AnsweredQuery> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    this.#thread.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      this.#thread.postMessage(request)
    })
  }

  #settle(reply: SqliteReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#thread.unref()
    if (reply.ok) waiting?.resolve(reply)
    else waiting?.reject(new StoreError(codeOf(reply.errorCode), reply.message))
  }

  #break(cause: unknown): void {
    const because = cause instanceof Error ? cause.message : String(cause)
    this.#broken ??= new StoreError('store_unavailable', `SQLite is gone: ${because}.`, { cause })
    for (const waiting of this.#waiting.values()) waiting.reject(this.#broken)
    this.#waiting.clear()
  }
}

function rowsOf({ columns, rows }: AnsweredQuery): Record<string, SQLOutputValue>[] {
  return rows.map((values) => {
    const row: Record<string, SQLOutputValue> = {}
    for (let at = 0; at < columns.length; at++) row[columns[at] ?? ''] = values[at] ?? null
    return row
  })
}

/** The low octet of an SQLite result code names the kind. */
function codeOf(errorCode: number): StoreErrorCode {
  switch (errorCode & 0xff) {
    case 13:
      return 'store_full'
    case 19:
      return 'not_unique'
    default:
      return 'store_unavailable'
  }
}
