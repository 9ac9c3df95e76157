import { type Kysely, sql } from 'kysely'
import type { Schema } from '../kysely/schema.ts'

const ROWS_AT_ONCE = 1024

/**
 * Reads what a query finds page by page, so that no more than a page is in memory.
 * @param db a transaction.
 * @param statement without anything from outside.
 */
export async function* pagesOf<Row>(
  db: Kysely<Schema>,
  statement: string,
): AsyncGenerator<readonly Row[]> {
  await sql`declare pages no scroll cursor for ${sql.raw(statement)}`.execute(db)
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(ROWS_AT_ONCE))} from pages`.execute(db)
    if (rows.length > 0) yield rows
    if (rows.length < ROWS_AT_ONCE) break
  }
  await sql`close pages`.execute(db)
}
