import type { AllowReason, RefusalReason } from '@keyfence/core'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { ActivityReader, ActivityWriter } from '../../activity/activity-store.ts'
import type { KeptRefusal, RefusalFilter, RefusalPosition } from '../../activity/refusal.ts'
import { type OutcomeCount, SPANS_MS } from '../../activity/call-count.ts'
import type { Seen, SeenKind } from '../../activity/seen.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { recordBatch } from './activity-batch.ts'
import { activityHours } from './activity-hours.ts'
import { activityRetention } from './activity-retention.ts'
import type { RefusalTable, Schema, SeenValueRow } from './schema.ts'

/** Activity in the store. Positions are taken under the write lock, so none appears late. */
export function activityStore(db: Kysely<Schema>): ActivityWriter {
  return {
    ...activityReads(db),
    ...activityHours(db),
    ...activityRetention(db),
    record: (batch, limits) => recordBatch(db, batch, limits),
  }
}

function activityReads(
  db: Kysely<Schema>,
): Omit<ActivityReader, keyof ReturnType<typeof activityHours>> {
  return {
    findRefusal: async (requestId) => {
      const query = db.selectFrom('refusals').selectAll().where('request_id', '=', requestId)
      const row = await query.executeTakeFirst()
      return row === undefined ? undefined : refusalOf(row)
    },
    listRefusals: async (filter, { after, limit }) => {
      const query = filtered(db, filter).orderBy('position', 'desc').limit(limit)
      const page = after === undefined ? query : query.where('position', '<', Number(after))
      return (await page.execute()).map(refusalOf)
    },
    followRefusals: async (filter, { after, limit }) => {
      const query = filtered(db, filter).orderBy('position').limit(limit)
      const page = after === undefined ? query : query.where('position', '>', Number(after))
      return (await page.execute()).map(refusalOf)
    },
    counts: async (tokenId, { since, until }, spanMs) => {
      const startsAt = sql<number>`starts_at - starts_at % ${spanMs}`
      const rows = await db
        .selectFrom('outcome_counts')
        .select(['effect', 'reason', 'source', startsAt.as('span_starts_at')])
        .select(sql<number | string>`sum(count)`.as('total'))
        .where('token_id', '=', tokenId)
        .where('starts_at', '>', since - SPANS_MS.day) // for the index; no span is longer
        .where(sql<boolean>`starts_at + span_ms > ${since}`)
        .where('starts_at', '<', until)
        .groupBy(['effect', 'reason', 'source', 'span_starts_at'])
        .orderBy('span_starts_at')
        .execute()
      return rows.map(
        (row): OutcomeCount => ({
          startsAt: row.span_starts_at,
          effect: row.effect as OutcomeCount['effect'], // only effects, reasons and sources are written
          reason: row.reason as AllowReason | RefusalReason,
          source: row.source === '' ? undefined : (row.source as OutcomeCount['source']),
          count: Number(row.total),
        }),
      )
    },
    seen: async (tokenId) => {
      const rows = await db
        .selectFrom('seen_values')
        .selectAll()
        .where('token_id', '=', tokenId)
        .orderBy(sql`case kind when 'other' then 1 else 0 end`)
        .orderBy('count', 'desc')
        .orderBy('value')
        .execute()
      return rows.map(seenOf)
    },
  }
}

function filtered(db: Kysely<Schema>, filter: RefusalFilter) {
  let query = db.selectFrom('refusals').selectAll()
  if (filter.tokenId !== undefined) query = query.where('token_id', '=', filter.tokenId)
  if (filter.owner !== undefined) query = query.where('owner', '=', filter.owner)
  if (filter.reason !== undefined) query = query.where('reason', '=', filter.reason)
  return query
}

function refusalOf(row: Selectable<RefusalTable>): KeptRefusal {
  return {
    position: String(row.position) as RefusalPosition, // what positions are
    requestId: row.request_id,
    refusedAt: row.refused_at,
    tokenId: (row.token_id ?? undefined) as TokenId | undefined, // only ids, reasons and sources are written
    owner: row.owner ?? undefined,
    reason: row.reason as RefusalReason,
    source: (row.source ?? undefined) as KeptRefusal['source'],
    domain: row.domain ?? undefined,
    address: row.address ?? undefined,
    method: row.method,
    path: row.path,
    enforced: row.enforced === 1,
  }
}

function seenOf(row: SeenValueRow): Seen {
  return {
    kind: row.kind as SeenKind, // only kinds are written
    value: row.value,
    count: row.count,
    allowed: row.allowed,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }
}
