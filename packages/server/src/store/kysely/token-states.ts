import type { TokenStatus } from '@keyfence/core'
import { type Kysely, sql } from 'kysely'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenState, TokenWriter } from '../../token/token-store.ts'
import type { Announcements } from './announcements.ts'
import { write } from './deferred-write.ts'
import type { JsonRows } from './json-rows.ts'
import { takesNextRevision } from './next-revision.ts'
import type { Schema, TokenRow } from './schema.ts'

/** Requests are decided between answers: one of 10,000 rows kept them waiting for 50 ms. */
const ROWS_AT_ONCE = 2000
const IDS_PER_QUERY = 500

/** Reads and writes the state of many tokens at once. */
export function tokenStates(
  db: Kysely<Schema>,
  { announcement }: Pick<Announcements, 'announcement'>,
  jsonRows: JsonRows,
): Pick<TokenWriter, 'statesOf' | 'liveStatesOf' | 'revokeAll'> {
  return {
    statesOf: async (ids) => {
      const rows: StateRow[] = []
      for (const some of partsOf(ids.toSorted())) {
        const query = db.selectFrom('tokens').select(['id', 'owner', 'status'])
        rows.push(...(await query.where('id', 'in', some).orderBy('id').execute()))
      }
      return statesOf(rows)
    },
    liveStatesOf: async (owner, most) => {
      const rows: StateRow[] = []
      const query = db.selectFrom('tokens').select(['id', 'owner', 'status'])
      const live = query.where('owner', '=', owner).where('status', '<>', 'revoked').orderBy('id')
      while (rows.length < most) {
        const limit = Math.min(most - rows.length, ROWS_AT_ONCE)
        const some = await live
          .where('id', '>', rows.at(-1)?.id ?? '')
          .limit(limit)
          .execute()
        rows.push(...some)
        if (some.length < limit) break
      }
      return statesOf(rows)
    },
    revokeAll: async (tokens, now) => {
      const revoked = jsonRows(tokens.map(({ id, owner }) => ({ id, owner })))
      // Joined, rows are looked for in this order; sought among a set they are in none, for twice the time.
      const update = sql`update tokens set status = 'revoked', version = version + 1
        from ${revoked} where tokens.id = value ->> 'id'`
      // An upsert needs a condition: without one, SQLite takes its conflict for that of a join.
      const changes = sql`select value ->> 'id', cast(${now} as bigint), value ->> 'owner'
        from ${revoked} where true`
      const insert = db
        .insertInto('changes')
        .columns(['token_id', 'created_at', 'owner'])
        .expression(changes)
        .onConflict(takesNextRevision)
      await write(db, update)
      // Waited for: between parts of very many, requests are decided.
      await insert.execute()
      if (announcement !== undefined) await write(db, sql`select ${announcement}`)
    },
  }
}

function* partsOf(ids: readonly TokenId[]): Generator<readonly TokenId[]> {
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) yield ids.slice(at, at + IDS_PER_QUERY)
}

type StateRow = Pick<TokenRow, 'id' | 'owner' | 'status'>

function statesOf(rows: readonly StateRow[]): ReadonlyMap<TokenId, TokenState> {
  return new Map(
    rows.map(({ id, owner, status }) => [
      id as TokenId, // only ids are written, and statuses below
      { owner, status: status as TokenStatus },
    ]),
  )
}
