import type { Kysely } from 'kysely'
import {
  type AdministratorWriter,
  nameKey,
  type Role,
  ROLES,
  type StoredAdministrator,
} from '../../access/administrator.ts'
import type { AdministratorId } from '../../identifier/identifier.ts'
import type { AdministratorRow, Schema } from './schema.ts'

/** Administrators in the store. */
export function administrators(db: Kysely<Schema>): AdministratorWriter {
  const all = db.selectFrom('administrators').selectAll()
  return {
    find: async (id) => administratorOf(await all.where('id', '=', id).executeTakeFirst()),
    findByName: async (name) =>
      administratorOf(await all.where('name_key', '=', nameKey(name)).executeTakeFirst()),
    list: async () => (await all.orderBy('id').execute()).map(administratorOfRow),
    insert: async ({ id, name, role, passwordHash, createdAt }) => {
      const row: AdministratorRow = {
        id,
        name,
        name_key: nameKey(name),
        role,
        password_hash: passwordHash ?? null,
        created_at: createdAt,
      }
      await db.insertInto('administrators').values(row).execute()
    },
    update: async (id, { role, passwordHash }) => {
      const changed = {
        ...(role === undefined ? {} : { role }),
        ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
      }
      await db.updateTable('administrators').set(changed).where('id', '=', id).execute()
    },
    remove: async (id) => {
      await db.deleteFrom('administrators').where('id', '=', id).execute()
    },
  }
}

function administratorOf(row: AdministratorRow | undefined): StoredAdministrator | undefined {
  return row === undefined ? undefined : administratorOfRow(row)
}

function administratorOfRow(row: AdministratorRow): StoredAdministrator {
  return {
    id: row.id as AdministratorId, // only ids are written
    name: row.name,
    role: roleOf(row.role),
    passwordHash: row.password_hash ?? undefined,
    createdAt: row.created_at,
  }
}

/** A damaged role may look, and no more. */
function roleOf(text: string): Role {
  return ROLES.find((role) => role === text) ?? 'viewer'
}
