import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/** The owner of each change, so that a feed of one owner's tokens can tell that one was deleted. */
export async function addChangeOwner(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('changes').addColumn('owner', 'text').execute()
  await sql`update changes set owner =
    (select owner from tokens where tokens.id = changes.token_id)`.execute(db)
}
