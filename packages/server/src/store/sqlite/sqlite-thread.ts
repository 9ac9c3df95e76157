/**
 * The thread that holds the SQLite connection: `node:sqlite` answers synchronously, and a slow disk
 * must not stop the thread that decides.
 */
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { SqliteReply, SqliteRequest } from './sqlite-messages.ts'

const STATEMENTS_MAX = 200

const { path } = workerData as { path: string } // what open-sqlite.ts passes
const database = new DatabaseSync(path)
// FULL: an acknowledged write survives a power loss; NORMAL in WAL mode may roll it back.
database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 2000')
interface PreparedStatement {
  readonly statement: StatementSync
  readonly columns: readonly string[]
}
const statements = new Map<string, PreparedStatement>()

parentPort?.on('message', (request: SqliteRequest) => {
  parentPort?.postMessage(answer(request))
  if (request.kind === 'close') parentPort?.close()
})

function answer(request: SqliteRequest): SqliteReply {
  try {
    if (request.kind === 'close') {
      database.close()
      return { id: request.id, ok: true, columns: [], rows: [], changes: 0 }
    }
    return { id: request.id, ok: true, ...run(request.sql, request.parameters) }
  } catch (error) {
    const { message, errcode } = error as { message?: string; errcode?: number } // node:sqlite's shape
    return { id: request.id, ok: false, message: message ?? String(error), errorCode: errcode ?? 0 }
  }
}

function run(
  sql: string,
  parameters: readonly SQLInputValue[],
): Pick<Extract<SqliteReply, { ok: true }>, 'columns' | 'rows' | 'changes'> {
  const { statement, columns } = prepared(sql)
  if (columns.length > 0) {
    // Typed as objects, though setReturnArrays makes them arrays.
    const rows = statement.all(...parameters) as unknown as SQLOutputValue[][]
    return { columns, rows, changes: 0 }
  }
  return { columns, rows: [], changes: Number(statement.run(...parameters).changes) }
}

function prepared(sql: string): PreparedStatement {
  const known = statements.get(sql)
  if (known !== undefined) return known
  if (statements.size >= STATEMENTS_MAX) statements.clear()
  const statement = database.prepare(sql)
  // The names of the columns once, and not with each row: half the cost of a reply.
  statement.setReturnArrays(true)
  const columns = statement.columns().map(({ name }) => name)
  const made = { statement, columns }
  statements.set(sql, made)
  return made
}
