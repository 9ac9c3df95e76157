import type { EpochMs } from '@keyfence/core'
import { type ExpressionBuilder, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import type { TokenId } from '../../identifier/identifier.ts'
import {
  type Attention,
  ATTENTION_MAX,
  EXPIRING_WITHIN_MS,
  REFUSED_MIN,
  refusedSince,
  UNUSED_FOR_MS,
} from '../../token/attention.ts'
import type { TokenFilter, TwoWayPageRequest } from '../../token/token-store.ts'
import type { Schema, TokenRow } from './schema.ts'

/** The rows of one page of a list of tokens, in the order of creation. */
export async function tokenRows(
  db: Kysely<Schema>,
  filter: TokenFilter,
  page: TwoWayPageRequest<TokenId>,
): Promise<TokenRow[]> {
  const query = listed(db, filter).selectAll('tokens').limit(page.limit)
  if ('before' in page) {
    const rows = await query.where('id', '<', page.before).orderBy('id', 'desc').execute()
    return rows.reverse()
  }
  const { after } = page
  const ordered = query.orderBy('id')
  return (after === undefined ? ordered : ordered.where('id', '>', after)).execute()
}

/** How many tokens a list holds, counted up to `most`. */
export async function tokenCount(
  db: Kysely<Schema>,
  filter: TokenFilter,
  most: number,
): Promise<number> {
  const { attention } = filter
  const found =
    attention === undefined
      ? filtered(db, filter).select('id')
      : urgent(db, filter, attention).select('tokens.id')
  const row = await db
    .selectFrom(found.limit(most).as('found'))
    .select((select) => select.fn.countAll<number | string>().as('total'))
    .executeTakeFirst()
  return Number(row?.total ?? 0)
}

/**
 * With attention the most urgent tokens are found first, by the index of that attention alone, and
 * only those are put into the order of the list.
 */
function listed(db: Kysely<Schema>, filter: TokenFilter) {
  const { attention } = filter
  if (attention === undefined) return filtered(db, filter)
  const ids = urgent(db, filter, attention).select('tokens.id').limit(ATTENTION_MAX)
  return db.selectFrom('tokens').where('id', 'in', ids)
}

function filtered(db: Kysely<Schema>, filter: TokenFilter) {
  return db.selectFrom('tokens').where((where) => where.and(conditions(where, filter)))
}

type Where = ExpressionBuilder<Schema, 'tokens'>

function conditions(where: Where, { owner, status, nameContains }: TokenFilter) {
  return [
    ...(owner === undefined ? [] : [where('tokens.owner', '=', owner)]),
    ...(status === undefined ? [] : [where('tokens.status', '=', status)]),
    ...(nameContains === undefined
      ? []
      : [
          sql<SqlBool>`lower(tokens.name) like ${containing(nameContains.toLowerCase())} escape '\\'`,
        ]),
  ]
}

/** The pattern of what contains a text, whose own characters mean themselves. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

function urgent(
  db: Kysely<Schema>,
  filter: TokenFilter,
  { kind, now }: { readonly kind: Attention; readonly now: EpochMs },
) {
  const lasting = filtered(db, filter).where((where) =>
    where.or([where('tokens.expires_at', 'is', null), where('tokens.expires_at', '>', now)]),
  )
  return BY_ATTENTION[kind](lasting, now)
}

type LastingTokens = ReturnType<typeof filtered>

const BY_ATTENTION: Readonly<
  Record<Attention, (lasting: LastingTokens, now: EpochMs) => LastingTokens>
> = {
  unrestricted: (lasting) =>
    indexedActive(lasting)
      .where('domains_enabled', '=', sql.lit(0))
      .where('ips_enabled', '=', sql.lit(0))
      .orderBy('id'),
  expiring: (lasting, now) =>
    indexedActive(lasting)
      .where('tokens.expires_at', '<=', now + EXPIRING_WITHIN_MS)
      .orderBy('tokens.expires_at'),
  unused: (lasting, now) =>
    indexedActive(lasting)
      .where(sql<SqlBool>`coalesce(last_used_at, created_at) <= ${now - UNUSED_FOR_MS}`)
      .orderBy(sql`coalesce(last_used_at, created_at)`),
  refused: (lasting, now) =>
    lasting
      // Of the column itself SQLite knows an index, and reads all of it instead of the few that are asked for.
      .where(sql<SqlBool>`tokens.status || '' = 'active'`)
      .where('tokens.id', 'in', refusedALot(now)),
}

/** In words that tell both engines that an index without revoked tokens is enough: no parameter does. */
function indexedActive(lasting: LastingTokens): LastingTokens {
  return lasting
    .where('tokens.status', '=', sql.lit('active'))
    .where('tokens.status', '<>', sql.lit('revoked'))
}

/** However many tokens are refused, so many hours of theirs are looked at, the newest ones. */
const HOURS_LOOKED_AT_MAX = 20_000

function refusedALot(now: EpochMs) {
  const query = expressionBuilder<Schema>()
  const newest = query
    .selectFrom('refused_hours')
    .select(['token_id', 'count'])
    .where('starts_at', '>=', refusedSince(now))
    .orderBy('starts_at', 'desc')
    .limit(HOURS_LOOKED_AT_MAX)
  return query
    .selectFrom(newest.as('newest'))
    .select('token_id')
    .groupBy('token_id')
    .having(sql<number>`sum(newest.count)`, '>=', REFUSED_MIN)
}
