import type { EpochMs, TokenStatus } from '@keyfence/core'
import { type Kysely, sql } from 'kysely'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenState, TokenWriter } from '../../token/token-store.ts'
import type { Announcements } from './announcements.ts'
import { takesNextRevision } from './next-revision.ts'
import type { Schema, TokenRow } from './schema.ts'

const IDS_PER_QUERY = 500

/** Reads and writes the state of many tokens at once. */
export function tokenStates(
  db: Kysely<Schema>,
  { announcement }: Pick<Announcements, 'announcement'>,
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
      const query = db.selectFrom('tokens').select(['id', 'owner', 'status'])
      const live = query.where('owner', '=', owner).where('status', '<>', 'revoked')
      return statesOf(await live.orderBy('id').limit(most).execute())
    },
    revokeAll: async (ids, now) => {
      for (const some of partsOf(ids)) await revokeSome(db, some, now)
      if (announcement !== undefined) await sql`select ${announcement}`.execute(db)
    },
  }
}

async function revokeSome(db: Kysely<Schema>, ids: readonly TokenId[], now: EpochMs) {
  await db
    .updateTable('tokens')
    .set((row) => ({ status: 'revoked', version: row('version', '+', 1) }))
    .where('id', 'in', ids)
    .execute()
  await db
    .insertInto('changes')
    .columns(['token_id', 'created_at', 'owner'])
    .expression((build) =>
      build
        .selectFrom('tokens')
        .select(['id', sql<number>`cast(${now} as bigint)`.as('created_at'), 'owner'])
        .where('id', 'in', ids)
        .orderBy('id'),
    )
    .onConflict(takesNextRevision)
    .execute()
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
