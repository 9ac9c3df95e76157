import type { Kysely } from 'kysely'
import type { SecretHash } from '../../access/session.ts'
import type { SignInLink, SignInLinkWriter } from '../../access/sign-in-link.ts'
import type { AdministratorId } from '../../identifier/identifier.ts'
import type { Schema, SignInLinkRow } from './schema.ts'

/** Sign-in links in the store. */
export function signInLinks(db: Kysely<Schema>): SignInLinkWriter {
  return {
    find: async (hash) => {
      const found = db.selectFrom('sign_in_links').selectAll().where('hash', '=', hash)
      const row = await found.executeTakeFirst()
      return row === undefined ? undefined : linkOf(row)
    },
    insert: async ({ hash, kind, administratorId, expiresAt }) => {
      const row = { hash, kind, administrator_id: administratorId ?? null, expires_at: expiresAt }
      await db.insertInto('sign_in_links').values(row).execute()
    },
    take: async (hash) => {
      const taken = await db.deleteFrom('sign_in_links').where('hash', '=', hash).executeTakeFirst()
      return taken.numDeletedRows > 0n
    },
    removeAllOf: async (id) => {
      const links = db.deleteFrom('sign_in_links')
      const ofOne =
        id === undefined
          ? links.where('administrator_id', 'is', null)
          : links.where('administrator_id', '=', id)
      await ofOne.execute()
    },
    forget: async (now) => {
      await db.deleteFrom('sign_in_links').where('expires_at', '<=', now).execute()
    },
  }
}

function linkOf(row: SignInLinkRow): SignInLink {
  return {
    hash: row.hash as SecretHash, // only hashes are written
    kind: row.kind === 'sign_in' ? 'sign_in' : 'choose_password',
    administratorId: (row.administrator_id ?? undefined) as AdministratorId | undefined, // only ids are written
    expiresAt: row.expires_at,
  }
}
