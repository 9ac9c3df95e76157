import { type Kysely, sql } from 'kysely'
import type { ActivityWriter } from '../../activity/activity-store.ts'
import { addCounts } from './activity-batch.ts'
import type { OutcomeCountRow, Schema } from './schema.ts'

type ActivityRetention = Pick<
  ActivityWriter,
  | 'forgetRefusals'
  | 'forgetSeen'
  | 'sumUpCounts'
  | 'forgetCounts'
  | 'forgetTrafficHours'
  | 'forgetRefusedHours'
>

/** Forgets old activity in the store, so many rows at a time. */
export function activityRetention(db: Kysely<Schema>): ActivityRetention {
  return {
    forgetRefusals: async (before, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('refusals')
        .where('position', 'in', (from) =>
          from
            .selectFrom('refusals')
            .select('position')
            .where('refused_at', '<', before)
            .orderBy('refused_at')
            .limit(limit),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    forgetSeen: async (before, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('seen_values')
        .where(
          sql<boolean>`(token_id, kind, value) in (
            select token_id, kind, value from seen_values
            where last_at < ${before} order by last_at limit ${limit})`,
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    sumUpCounts: async ({ from, to }, before, limit) => {
      const rows = await takeCounts(db, { spanMs: from, before, limit })
      const longer = rows.map((row) => ({
        ...row,
        span_ms: to,
        starts_at: row.starts_at - (row.starts_at % to),
      }))
      await addCounts(db, longer)
      return rows.length
    },
    forgetCounts: async (spanMs, before, limit) =>
      (await takeCounts(db, { spanMs, before, limit })).length,
    ...hourRetention(db),
  }
}

function hourRetention(
  db: Kysely<Schema>,
): Pick<ActivityRetention, 'forgetTrafficHours' | 'forgetRefusedHours'> {
  return {
    forgetTrafficHours: async (before, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('traffic_hours')
        .where(
          sql<boolean>`(starts_at, effect, reason, source) in (
            select starts_at, effect, reason, source from traffic_hours
            where starts_at < ${before} order by starts_at limit ${limit})`,
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
    forgetRefusedHours: async (before, limit) => {
      const { numDeletedRows } = await db
        .deleteFrom('refused_hours')
        .where(
          sql<boolean>`(starts_at, token_id) in (
            select starts_at, token_id from refused_hours
            where starts_at < ${before} order by starts_at limit ${limit})`,
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

/** Removes counts, oldest first, and gives them. */
function takeCounts(
  db: Kysely<Schema>,
  taken: { readonly spanMs: number; readonly before: number; readonly limit: number },
): Promise<OutcomeCountRow[]> {
  const { spanMs, before, limit } = taken
  return db
    .deleteFrom('outcome_counts')
    .where(
      sql<boolean>`(token_id, span_ms, starts_at, effect, reason, source) in (
        select token_id, span_ms, starts_at, effect, reason, source from outcome_counts
        where span_ms = ${spanMs} and starts_at < ${before} order by starts_at limit ${limit})`,
    )
    .returningAll()
    .execute()
}
