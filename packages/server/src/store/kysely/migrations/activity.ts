import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** The tables of activity: refusals, counts and what was seen. */
export async function addActivity(db: Kysely<Schema>): Promise<void> {
  // AUTOINCREMENT: a position is never used again, or a follower would miss what comes there.
  await db.schema
    .createTable('refusals')
    .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('request_id', 'text', (column) => column.notNull().unique())
    .addColumn('refused_at', 'bigint', (column) => column.notNull())
    .addColumn('token_id', 'text')
    .addColumn('owner', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('source', 'text')
    .addColumn('domain', 'text')
    .addColumn('address', 'text')
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('enforced', 'integer', (column) => column.notNull())
    .execute()
  for (const column of ['token_id', 'owner', 'reason'] as const) {
    const index = db.schema.createIndex(`refusals_${column}`).on('refusals')
    await index.columns([column, 'position']).execute()
  }
  await db.schema.createIndex('refusals_age').on('refusals').column('refused_at').execute()
  await db.schema
    .createTable('outcome_counts')
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('span_ms', 'integer', (column) => column.notNull())
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('effect', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('outcome_counts_key', [...COUNT_KEY])
    .execute()
  const age = db.schema.createIndex('outcome_counts_age').on('outcome_counts')
  await age.columns(['span_ms', 'starts_at']).execute()
  await db.schema
    .createTable('seen_values')
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('allowed', 'bigint', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('seen_values_key', ['token_id', 'kind', 'value'])
    .execute()
  await db.schema.createIndex('seen_values_age').on('seen_values').column('last_at').execute()
}

const COUNT_KEY = ['token_id', 'span_ms', 'starts_at', 'effect', 'reason', 'source'] as const
