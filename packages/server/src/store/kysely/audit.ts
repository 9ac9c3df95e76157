import { type Kysely, sql } from 'kysely'
import type { AuditAction, AuditEntry, AuditFilter, AuditWriter } from '../../audit/audit-log.ts'
import type { AuditId } from '../../identifier/identifier.ts'
import { write } from './deferred-write.ts'
import type { JsonRows } from './json-rows.ts'
import type { AuditRow, Schema } from './schema.ts'

/** The audit log in the store, newest first. */
export function auditLog(db: Kysely<Schema>, jsonRows: JsonRows): AuditWriter {
  return {
    append: async (entry) => {
      await write(db, db.insertInto('audit').values(rowOf(entry)))
    },
    appendAll: async (entries) => {
      const insert = sql`
        insert into audit (id, created_at, actor, action, target, owner, details)
        select value ->> 'id', cast(value ->> 'created_at' as bigint), value ->> 'actor',
          value ->> 'action', value ->> 'target', value ->> 'owner', value ->> 'details'
        from ${jsonRows(entries.map(rowOf))}`
      await write(db, insert)
    },
    list: async (filter, page) => {
      const query = filtered(db, filter).limit(page.limit)
      if ('before' in page) {
        const rows = await query.where('id', '>', page.before).orderBy('id').execute()
        return rows.reverse().map(entryOf)
      }
      const { after } = page
      const newest = query.orderBy('id', 'desc')
      const rows = await (after === undefined ? newest : newest.where('id', '<', after)).execute()
      return rows.map(entryOf)
    },
  }
}

function rowOf(entry: AuditEntry): AuditRow {
  return {
    id: entry.id,
    created_at: entry.createdAt,
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    owner: entry.owner ?? null,
    details: JSON.stringify(entry.details),
  }
}

function filtered(db: Kysely<Schema>, { owner, target, actor, action }: AuditFilter) {
  let query = db.selectFrom('audit').selectAll()
  if (owner !== undefined) query = query.where('owner', '=', owner)
  if (target !== undefined) query = query.where('target', '=', target)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (action !== undefined) query = query.where('action', '=', action)
  return query
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
