import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** The tables of people: administrators, their sessions, and the links that let them in. */
export async function addAdministrators(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('administrators')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('administrator_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute()
  const byAdministrator = db.schema.createIndex('sessions_administrator').on('sessions')
  await byAdministrator.column('administrator_id').execute()
  await db.schema
    .createTable('sign_in_links')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('administrator_id', 'text')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
}
