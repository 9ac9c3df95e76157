import type { Kysely } from 'kysely'
import {
  CAPABILITIES,
  type PortalGrant,
  type PortalLink,
  type PortalSession,
  type PortalWriter,
} from '../../access/portal-session.ts'
import type { SecretHash } from '../../access/session.ts'
import type { PortalGrantId } from '../../identifier/identifier.ts'
import type { PortalGrantRow, PortalSessionRow, Schema } from './schema.ts'

/** Links and sessions of the owner portal in the store. */
export function portalSessions(db: Kysely<Schema>): PortalWriter {
  return {
    findLink: async (hash) => {
      const found = db.selectFrom('portal_links').selectAll().where('hash', '=', hash)
      const row = await found.executeTakeFirst()
      return row === undefined ? undefined : linkOf(row)
    },
    findSession: async (hash) => {
      const found = db.selectFrom('portal_sessions').selectAll().where('hash', '=', hash)
      const row = await found.executeTakeFirst()
      return row === undefined ? undefined : sessionOf(row)
    },
    insertLink: async (link) => {
      await db.insertInto('portal_links').values(rowOf(link)).execute()
    },
    takeLink: async (hash) => {
      const taken = await db.deleteFrom('portal_links').where('hash', '=', hash).executeTakeFirst()
      return taken.numDeletedRows > 0n
    },
    insertSession: async (session) => {
      const row: PortalSessionRow = { ...rowOf(session), seen_at: session.seenAt }
      await db.insertInto('portal_sessions').values(row).execute()
    },
    seen: async (hash, now) => {
      const session = db.updateTable('portal_sessions').where('hash', '=', hash)
      await session.set({ seen_at: now }).execute()
    },
    removeSession: async (hash) => {
      await db.deleteFrom('portal_sessions').where('hash', '=', hash).execute()
    },
    removeAllBy: async (grantedBy) => {
      await db.deleteFrom('portal_links').where('granted_by', '=', grantedBy).execute()
      await db.deleteFrom('portal_sessions').where('granted_by', '=', grantedBy).execute()
    },
    forget: async ({ linkCreatedAt, createdAt, seenAt }) => {
      await db.deleteFrom('portal_links').where('created_at', '<', linkCreatedAt).execute()
      await db
        .deleteFrom('portal_sessions')
        .where((row) => row.or([row('created_at', '<', createdAt), row('seen_at', '<', seenAt)]))
        .execute()
    },
  }
}

function rowOf(granted: PortalLink): PortalGrantRow {
  return {
    hash: granted.hash,
    grant_id: granted.id,
    owner: granted.owner,
    capabilities: JSON.stringify(granted.capabilities),
    return_url: granted.returnUrl ?? null,
    granted_by: granted.grantedBy,
    created_at: granted.createdAt,
  }
}

function linkOf(row: PortalGrantRow): PortalLink {
  return { ...grantOf(row), hash: row.hash as SecretHash, createdAt: row.created_at } // only hashes are written
}

function sessionOf(row: PortalSessionRow): PortalSession {
  return { ...linkOf(row), seenAt: row.seen_at }
}

function grantOf(row: PortalGrantRow): PortalGrant {
  const written: unknown = JSON.parse(row.capabilities)
  return {
    id: row.grant_id as PortalGrantId, // only ids are written
    owner: row.owner,
    // A word that this version does not know opens nothing.
    capabilities: CAPABILITIES.filter((word) => Array.isArray(written) && written.includes(word)),
    returnUrl: row.return_url ?? undefined,
    grantedBy: row.granted_by,
  }
}
