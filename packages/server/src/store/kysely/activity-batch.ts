import { type Insertable, type Kysely, sql } from 'kysely'
import type { ActivityBatch, BatchSeen } from '../../activity/activity-batch.ts'
import type { ActivityLimits } from '../../activity/activity-store.ts'
import { type Refusal, refusalsMax } from '../../activity/refusal.ts'
import { SEEN_VALUES_MAX } from '../../activity/seen.ts'
import { SPANS_MS } from '../../activity/call-count.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { addHours } from './activity-hours.ts'
import { inChunks } from './row-chunks.ts'
import type { OutcomeCountRow, RefusalTable, Schema, SeenValueRow } from './schema.ts'

/** Adds a batch to what is kept, and forgets the refusals of its tokens that are too many now. */
export async function recordBatch(
  db: Kysely<Schema>,
  { minute, refusals, counts, seen, used }: ActivityBatch,
  limits: ActivityLimits,
): Promise<void> {
  await addRefusals(db, refusals)
  for (const [tokenId, ofToken] of Map.groupBy(refusals, (refusal) => refusal.tokenId)) {
    const kept = refusalsMax(tokenId, limits.refusalsPerTokenMax)
    await forgetOldest(db, tokenId, { kept, limit: ofToken.length + FORGOTTEN_MORE })
  }
  const rows = counts.map(
    ({ tokenId = '', source = '', effect, reason, count }): OutcomeCountRow => ({
      token_id: tokenId,
      span_ms: SPANS_MS.minute,
      starts_at: minute,
      effect,
      reason,
      source,
      count,
    }),
  )
  await addCounts(db, rows)
  await addHours(db, { counts, startsAt: minute - (minute % SPANS_MS.hour) })
  await addSeen(db, seen)
  await touchTokens(db, used, minute)
}

/** Adds counts to those of the same token, span and outcome. */
export async function addCounts(
  db: Kysely<Schema>,
  counts: readonly OutcomeCountRow[],
): Promise<void> {
  for (const rows of inChunks(summedUp(counts))) {
    await db
      .insertInto('outcome_counts')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['token_id', 'span_ms', 'starts_at', 'effect', 'reason', 'source'])
          .doUpdateSet({ count: sql`outcome_counts.count + excluded.count` }),
      )
      .execute()
  }
}

/** One row a key: a statement that adds must not meet the same row twice. */
function summedUp(rows: readonly OutcomeCountRow[]): OutcomeCountRow[] {
  const sums = new Map<string, OutcomeCountRow>()
  for (const row of rows) {
    const key = [row.token_id, row.starts_at, row.effect, row.reason, row.source].join(' ')
    const known = sums.get(key)
    if (known === undefined) sums.set(key, { ...row })
    else known.count += row.count
  }
  return [...sums.values()]
}

/** Beyond as many as came: where the setting was lowered, each batch forgets a few more. */
const FORGOTTEN_MORE = 500

async function addRefusals(db: Kysely<Schema>, refusals: readonly Refusal[]): Promise<void> {
  for (const rows of inChunks(refusals.map(rowOf))) {
    await db
      .insertInto('refusals')
      .values(rows)
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute()
  }
}

function rowOf(refusal: Refusal): Insertable<RefusalTable> {
  return {
    request_id: refusal.requestId,
    refused_at: refusal.refusedAt,
    token_id: refusal.tokenId ?? null,
    owner: refusal.owner ?? null,
    reason: refusal.reason,
    source: refusal.source ?? null,
    domain: refusal.domain ?? null,
    address: refusal.address ?? null,
    method: refusal.method,
    path: refusal.path,
    enforced: refusal.enforced ? 1 : 0,
  }
}

async function forgetOldest(
  db: Kysely<Schema>,
  tokenId: TokenId | undefined,
  { kept, limit }: { readonly kept: number; readonly limit: number },
): Promise<void> {
  await db
    .deleteFrom('refusals')
    .where('position', 'in', (from) =>
      from
        .selectFrom('refusals')
        .select('position')
        // Not "is not distinct from": PostgreSQL finds no row by an index with it.
        .where((where) =>
          tokenId === undefined ? where('token_id', 'is', null) : where('token_id', '=', tokenId),
        )
        .orderBy('position', 'desc')
        .limit(limit)
        .offset(kept),
    )
    .execute()
}

async function addSeen(db: Kysely<Schema>, seen: readonly BatchSeen[]): Promise<void> {
  const byToken = Map.groupBy(seen, ({ tokenId }) => tokenId)
  for (const tokenIds of inChunks([...byToken.keys()])) {
    const known = await db
      .selectFrom('seen_values')
      .select(['token_id', 'kind', 'value'])
      .where('token_id', 'in', tokenIds)
      .execute()
    const knownByToken = Map.groupBy(known, (row) => row.token_id)
    const rows = tokenIds.flatMap((tokenId) => {
      const keys = (knownByToken.get(tokenId) ?? []).map(({ kind, value }) => keyOf(kind, value))
      return withinLimit(byToken.get(tokenId) ?? [], new Set(keys))
    })
    for (const chunk of inChunks(rows)) await upsertSeen(db, chunk)
  }
}

/** New values find room until a token has its limit; the rest is one row. */
function withinLimit(seen: readonly BatchSeen[], known: ReadonlySet<string>): SeenValueRow[] {
  const kept = new Set(known).add(OTHER_KEY)
  const rows: SeenValueRow[] = []
  let other: SeenValueRow | undefined
  for (const row of distinct(seen).sort((one, another) => another.count - one.count)) {
    const key = keyOf(row.kind, row.value)
    const hasRoom = kept.has(key) || kept.size <= SEEN_VALUES_MAX
    if (hasRoom && key !== OTHER_KEY) {
      kept.add(key)
      rows.push(row)
    } else other = merged(other, row)
  }
  return other === undefined ? rows : [...rows, other]
}

/** One row a value: what guards report may hold one twice. */
function distinct(seen: readonly BatchSeen[]): SeenValueRow[] {
  const byValue = Map.groupBy(seen.map(seenRowOf), ({ kind, value }) => keyOf(kind, value))
  return [...byValue.values()].map((same) => same.reduce(together))
}

function merged(other: SeenValueRow | undefined, row: SeenValueRow): SeenValueRow {
  const nameless = { ...row, kind: 'other', value: '' }
  return other === undefined ? nameless : together(other, nameless)
}

function together(one: SeenValueRow, another: SeenValueRow): SeenValueRow {
  return {
    ...one,
    count: one.count + another.count,
    allowed: one.allowed + another.allowed,
    first_at: Math.min(one.first_at, another.first_at),
    last_at: Math.max(one.last_at, another.last_at),
  }
}

function seenRowOf(seen: BatchSeen): SeenValueRow {
  return {
    token_id: seen.tokenId,
    kind: seen.kind,
    value: seen.value,
    count: seen.count,
    allowed: seen.allowed,
    first_at: seen.firstAt,
    last_at: seen.lastAt,
  }
}

function keyOf(kind: string, value: string): string {
  return `${kind} ${value}`
}

const OTHER_KEY = keyOf('other', '')

async function upsertSeen(db: Kysely<Schema>, rows: readonly SeenValueRow[]): Promise<void> {
  await db
    .insertInto('seen_values')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['token_id', 'kind', 'value']).doUpdateSet({
        count: sql`seen_values.count + excluded.count`,
        allowed: sql`seen_values.allowed + excluded.allowed`,
        // Clocks leap, and nodes differ: neither end may move inwards.
        first_at: sql`case when excluded.first_at < seen_values.first_at
          then excluded.first_at else seen_values.first_at end`,
        last_at: sql`case when excluded.last_at > seen_values.last_at
          then excluded.last_at else seen_values.last_at end`,
      }),
    )
    .execute()
}

/** No change of the token: neither its version nor the feed moves. */
async function touchTokens(
  db: Kysely<Schema>,
  tokenIds: readonly TokenId[],
  minute: number,
): Promise<void> {
  for (const ids of inChunks(tokenIds)) {
    await db
      .updateTable('tokens')
      .set({ last_used_at: minute })
      .where('id', 'in', ids)
      .where((where) =>
        where.or([where('last_used_at', 'is', null), where('last_used_at', '<', minute)]),
      )
      .execute()
  }
}
