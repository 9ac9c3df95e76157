import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** The tables of the owner portal: links that were not used yet, and the sessions that they began. */
export async function addPortal(db: Kysely<Schema>): Promise<void> {
  await grantTable(db, 'portal_links').execute()
  await grantTable(db, 'portal_sessions')
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute()
}

function grantTable(db: Kysely<Schema>, name: 'portal_links' | 'portal_sessions') {
  return db.schema
    .createTable(name)
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('grant_id', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('capabilities', 'text', (column) => column.notNull())
    .addColumn('return_url', 'text')
    .addColumn('granted_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
}
