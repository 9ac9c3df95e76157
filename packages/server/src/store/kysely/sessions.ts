import type { Kysely } from 'kysely'
import type { SecretHash, Session, SessionWriter } from '../../access/session.ts'
import type { AdministratorId } from '../../identifier/identifier.ts'
import type { Schema, SessionRow } from './schema.ts'

/** Sessions in the store. */
export function sessions(db: Kysely<Schema>): SessionWriter {
  return {
    find: async (hash) => {
      const found = db.selectFrom('sessions').selectAll().where('hash', '=', hash)
      const row = await found.executeTakeFirst()
      return row === undefined ? undefined : sessionOf(row)
    },
    insert: async ({ hash, administratorId, createdAt, seenAt }) => {
      const row: SessionRow = {
        hash,
        administrator_id: administratorId,
        created_at: createdAt,
        seen_at: seenAt,
      }
      await db.insertInto('sessions').values(row).execute()
    },
    seen: async (hash, now) => {
      await db.updateTable('sessions').set({ seen_at: now }).where('hash', '=', hash).execute()
    },
    remove: async (hash) => {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute()
    },
    removeAllOf: async (id) => {
      await db.deleteFrom('sessions').where('administrator_id', '=', id).execute()
    },
    forget: async ({ createdAt, seenAt }) => {
      await db
        .deleteFrom('sessions')
        .where((row) => row.or([row('created_at', '<', createdAt), row('seen_at', '<', seenAt)]))
        .execute()
    },
  }
}

function sessionOf(row: SessionRow): Session {
  return {
    hash: row.hash as SecretHash, // only hashes are written
    administratorId: row.administrator_id as AdministratorId, // only ids are written
    createdAt: row.created_at,
    seenAt: row.seen_at,
  }
}
