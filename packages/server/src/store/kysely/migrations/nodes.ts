import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** The nodes that share the store, and how far each is. */
export async function addNodes(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('nodes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('epoch', 'text')
    .addColumn('revision', 'bigint')
    .addColumn('copied_at', 'bigint')
    .addColumn('draining', 'integer', (column) => column.notNull())
    .addColumn('reported_at', 'bigint', (column) => column.notNull())
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute()
}
