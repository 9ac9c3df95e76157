import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { addAdministrators } from './administrators.ts'
import { addActivity } from './activity.ts'
import { addNodes } from './nodes.ts'
import { addPortal } from './portal.ts'
import { addTrafficHours } from './traffic-hours.ts'
import {
  addAttentionIndexes,
  addAuditIndexes,
  addFeedIndex,
  addListIndexes,
  narrowAttentionIndexes,
} from './list-indexes.ts'
import { addChangeOwner } from './change-owner.ts'

/** One step of the schema, run in a transaction of its own. */
export interface Migration {
  readonly name: string
  readonly up: (db: Kysely<Schema>) => Promise<void>
}

/** All steps in order; a store's version is how many it has had. Never edit one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  { name: 'tokens and their feed', up: first },
  { name: 'activity', up: addActivity },
  { name: 'indexes of filtered lists', up: addListIndexes },
  { name: 'administrators and their sessions', up: addAdministrators },
  { name: 'index of the feed', up: addFeedIndex },
  { name: 'links and sessions of the owner portal', up: addPortal },
  { name: 'traffic by the hour', up: addTrafficHours },
  { name: 'indexes of tokens that need attention', up: addAttentionIndexes },
  { name: 'indexes of the audit log', up: addAuditIndexes },
  { name: 'owners of changes', up: addChangeOwner },
  { name: 'nodes', up: addNodes },
  { name: 'indexes without revoked tokens', up: narrowAttentionIndexes },
]

async function first(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('not_before', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('domains_enabled', 'integer', (column) => column.notNull())
    .addColumn('ips_enabled', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('tokens_owner').on('tokens').columns(['owner', 'id']).execute()
  await db.schema
    .createTable('secrets')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .execute()
  await db.schema.createIndex('secrets_token').on('secrets').column('token_id').execute()
  await createEntries(db)
  await createFeed(db)
  await createManagement(db)
}

async function createEntries(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('entries')
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('list', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('subdomains', 'integer', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('entries_key', ['token_id', 'list', 'position'])
    .execute()
}

async function createFeed(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  // AUTOINCREMENT: a revision is never used again, though each token keeps its newest row alone.
  await db.schema
    .createTable('changes')
    .addColumn('revision', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('token_id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
}

async function createManagement(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('management_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('owner', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute()
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('owner', 'text')
    .addColumn('details', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('audit_target').on('audit').columns(['target', 'id']).execute()
  await db.schema
    .createTable('idempotent_answers')
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('idempotency_key', 'text', (column) => column.notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotent_answers_key', ['caller', 'idempotency_key'])
    .execute()
  await sql`create index idempotent_answers_age on idempotent_answers (created_at)`.execute(db)
}
