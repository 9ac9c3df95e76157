import type { AllowReason, RefusalReason } from '@keyfence/core'
import { type Kysely, sql } from 'kysely'
import type { BatchCount } from '../../activity/activity-batch.ts'
import type { ActivityReader } from '../../activity/activity-store.ts'
import { type OutcomeCount, SPANS_MS, type TokenHour } from '../../activity/call-count.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { inChunks } from './row-chunks.ts'
import type { RefusedHourRow, Schema, TrafficHourRow } from './schema.ts'

type ActivityHours = Pick<ActivityReader, 'tokenHours' | 'trafficHours'>

/** Calls by the hour: of the tokens of a page, and of all together. */
export function activityHours(db: Kysely<Schema>): ActivityHours {
  return {
    tokenHours: async (tokenIds, { since, until }) => {
      if (tokenIds.length === 0) return []
      const startsAt = sql<number>`starts_at - starts_at % ${SPANS_MS.hour}`
      const rows = await db
        .selectFrom('outcome_counts')
        .select(['token_id', startsAt.as('hour_starts_at')])
        .select(
          sql<number | string>`sum(case effect when 'allow' then count else 0 end)`.as('allowed'),
        )
        .select(
          sql<number | string>`sum(case effect when 'allow' then 0 else count end)`.as('refused'),
        )
        .where('token_id', 'in', tokenIds)
        .where('span_ms', '=', SPANS_MS.minute) // kept for two days
        .where('starts_at', '>=', since)
        .where('starts_at', '<', until)
        .groupBy(['token_id', 'hour_starts_at'])
        .execute()
      return rows.map(
        (row): TokenHour => ({
          tokenId: row.token_id as TokenId, // asked for by ids
          startsAt: row.hour_starts_at,
          allowed: Number(row.allowed),
          refused: Number(row.refused),
        }),
      )
    },
    trafficHours: async ({ since, until }) => {
      const rows = await db
        .selectFrom('traffic_hours')
        .selectAll()
        .where('starts_at', '>=', since)
        .where('starts_at', '<', until)
        .orderBy('starts_at')
        .execute()
      return rows.map(
        (row): OutcomeCount => ({
          startsAt: row.starts_at,
          effect: row.effect as OutcomeCount['effect'], // only effects, reasons and sources are written
          reason: row.reason as AllowReason | RefusalReason,
          source: row.source === '' ? undefined : (row.source as OutcomeCount['source']),
          count: row.count,
        }),
      )
    },
  }
}

/** Adds the counts of a batch to those of its hour. */
export async function addHours(
  db: Kysely<Schema>,
  { counts, startsAt }: { readonly counts: readonly BatchCount[]; readonly startsAt: number },
): Promise<void> {
  for (const rows of inChunks(trafficRows(counts, startsAt))) {
    await db
      .insertInto('traffic_hours')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['starts_at', 'effect', 'reason', 'source'])
          .doUpdateSet({ count: sql`traffic_hours.count + excluded.count` }),
      )
      .execute()
  }
  for (const rows of inChunks(refusedRows(counts, startsAt))) {
    await db
      .insertInto('refused_hours')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['starts_at', 'token_id'])
          .doUpdateSet({ count: sql`refused_hours.count + excluded.count` }),
      )
      .execute()
  }
}

/** One row an outcome: a statement that adds must not meet the same row twice. */
function trafficRows(counts: readonly BatchCount[], startsAt: number): TrafficHourRow[] {
  const byOutcome = Map.groupBy(
    counts,
    ({ effect, reason, source }) => `${effect} ${reason} ${source}`,
  )
  return [...byOutcome.values()].flatMap((same) =>
    same.slice(0, 1).map(({ effect, reason, source = '' }) => ({
      starts_at: startsAt,
      effect,
      reason,
      source,
      count: callsOf(same),
    })),
  )
}

function refusedRows(counts: readonly BatchCount[], startsAt: number): RefusedHourRow[] {
  const refused = counts.filter(({ effect }) => effect === 'deny')
  const byToken = Map.groupBy(refused, ({ tokenId }) => tokenId)
  return [...byToken].flatMap(([tokenId, ofToken]) =>
    tokenId === undefined
      ? []
      : [{ starts_at: startsAt, token_id: tokenId, count: callsOf(ofToken) }],
  )
}

function callsOf(counts: readonly BatchCount[]): number {
  return counts.reduce((total, { count }) => total + count, 0)
}
