import type { Kysely } from 'kysely'
import type { AuditAction, AuditEntry, AuditWriter } from '../../audit/audit-log.ts'
import type { AuditId } from '../../identifier/identifier.ts'
import type { AuditRow, Schema } from './schema.ts'

/** The audit log in the store, newest first. */
export function auditLog(db: Kysely<Schema>): AuditWriter {
  return {
    append: async (entry) => {
      await db
        .insertInto('audit')
        .values({
          id: entry.id,
          created_at: entry.createdAt,
          actor: entry.actor,
          action: entry.action,
          target: entry.target,
          owner: entry.owner ?? null,
          details: JSON.stringify(entry.details),
        })
        .execute()
    },
    list: async (filter, { after, limit }) => {
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
      if (filter.owner !== undefined) query = query.where('owner', '=', filter.owner)
      if (filter.target !== undefined) query = query.where('target', '=', filter.target)
      if (after !== undefined) query = query.where('id', '<', after)
      return (await query.execute()).map(entryOf)
    },
  }
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: row.id as AuditId, // only ids and actions are written
    createdAt: row.created_at,
    actor: row.actor,
    action: row.action as AuditAction,
    target: row.target,
    owner: row.owner ?? undefined,
    details: JSON.parse(row.details),
  }
}
