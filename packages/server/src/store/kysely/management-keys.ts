import type { Kysely } from 'kysely'
import type { KeyWriter, ManagementKey } from '../../access/management-key.ts'
import type { KeyId } from '../../identifier/identifier.ts'
import type { ManagementKeyRow, Schema } from './schema.ts'

/** Management keys in the store. */
export function managementKeys(db: Kysely<Schema>): KeyWriter {
  const keys = db.selectFrom('management_keys').selectAll()
  return {
    find: async (id) => keyOf(await keys.where('id', '=', id).executeTakeFirst()),
    findByHash: async (hash) => keyOf(await keys.where('hash', '=', hash).executeTakeFirst()),
    list: async ({ after, limit }) => {
      const query = keys.orderBy('id').limit(limit)
      const rows = await (after === undefined ? query : query.where('id', '>', after)).execute()
      return rows.map(keyOfRow)
    },
    insert: async (key, hash) => {
      await db
        .insertInto('management_keys')
        .values({
          id: key.id,
          name: key.name,
          hash,
          hint: key.hint,
          scopes: JSON.stringify(key.scopes),
          owner: key.owner ?? null,
          created_at: key.createdAt,
          revoked_at: key.revokedAt ?? null,
        })
        .execute()
    },
    revoke: async (id, now) => {
      await db
        .updateTable('management_keys')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}

function keyOf(row: ManagementKeyRow | undefined): ManagementKey | undefined {
  return row === undefined ? undefined : keyOfRow(row)
}

function keyOfRow(row: ManagementKeyRow): ManagementKey {
  return {
    id: row.id as KeyId, // only ids are written
    name: row.name,
    hint: row.hint,
    scopes: JSON.parse(row.scopes),
    owner: row.owner ?? undefined,
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
  }
}
