import type { CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * A statement whose answer nobody reads. Within a transaction a connection may resolve before it is
 * answered; then whatever is read next, and the end of the transaction, fails where it failed. SQLite's
 * never does: when the disk is full it ends a transaction by itself, and what had been sent behind the
 * failure would be written outside of one.
 */
export interface DeferredQuery extends CompiledQuery {
  readonly isDeferred: true
}

/**
 * Writes without waiting for it: a change is five statements, and each answer took the turn to write as long
 * as a statement does. Not for one that is expected to fail.
 */
export async function write(db: Kysely<Schema>, statement: Statement): Promise<void> {
  const deferred: DeferredQuery = { ...statement.compile(db), isDeferred: true }
  await db.executeQuery(deferred)
}

/** What Kysely builds, and its raw SQL. */
interface Statement {
  compile(db: Kysely<Schema>): CompiledQuery
}
