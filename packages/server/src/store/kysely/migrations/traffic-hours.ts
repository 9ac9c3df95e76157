import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/**
 * Sums of what is counted token by token: how all calls came out, and which tokens are refused a lot.
 * Adding them up when somebody looks would read every token's minutes of a day.
 */
export async function addTrafficHours(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('traffic_hours')
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('effect', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('traffic_hours_key', ['starts_at', 'effect', 'reason', 'source'])
    .execute()
  await db.schema
    .createTable('refused_hours')
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('refused_hours_key', ['starts_at', 'token_id'])
    .execute()
  await sql`insert into traffic_hours (starts_at, effect, reason, source, count)
    select starts_at - starts_at % 3600000, effect, reason, source, sum(count)
    from outcome_counts where span_ms <= 3600000 group by 1, 2, 3, 4`.execute(db)
  await sql`insert into refused_hours (starts_at, token_id, count)
    select starts_at - starts_at % 3600000, token_id, sum(count)
    from outcome_counts where span_ms = 60000 and effect = 'deny' and token_id <> ''
    group by 1, 2`.execute(db)
}
