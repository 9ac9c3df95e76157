import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * What a filtered list is read by, so that a page among a million tokens costs what one among ten
 * does. Each ends in the id, which pages go on from.
 */
export async function addListIndexes(db: Kysely<Schema>): Promise<void> {
  // With the first alone, SQLite takes it for an owner's tokens of a status too, and walks all others.
  const ofStatus = db.schema.createIndex('tokens_status').on('tokens')
  await ofStatus.columns(['status', 'id']).execute()
  const ofOwner = db.schema.createIndex('tokens_owner_status').on('tokens')
  await ofOwner.columns(['owner', 'status', 'id']).execute()
  await db.schema.createIndex('audit_owner').on('audit').columns(['owner', 'id']).execute()
}
