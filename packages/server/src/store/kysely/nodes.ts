import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Revision } from '../../fence/change-feed.ts'
import type { FeedPosition } from '../../fence/follow.ts'
import type { KnownNode, NodeKind, NodeReport, NodeStore } from '../../fleet/fleet-node.ts'
import type { NodeRow, Schema } from './schema.ts'

/** How nodes are kept. */
export interface NodeDatabase {
  readonly db: Kysely<Schema>
  /** Another way to it, for what nodes write all the time. */
  readonly reporting: Kysely<Schema>
  /** The store's own time in milliseconds: leases of several machines are compared by one clock. */
  readonly storeTime: RawBuilder<number>
}

/** The nodes that share the store. Each method is one statement, outside of every transaction. */
export function nodeStore({ db, reporting, storeTime }: NodeDatabase): NodeStore {
  return {
    list: async () => {
      const rows = await db
        .selectFrom('nodes')
        .selectAll()
        .select(storeTime.as('now'))
        .orderBy('id')
        .execute()
      return rows.map(knownNodeOf)
    },
    report: async (reports) => {
      if (reports.length === 0) return
      await reporting
        .insertInto('nodes')
        // In one order always, so that two that report the same nodes never wait for each other.
        .values(reports.toSorted(byId).map((report) => rowOf(report, storeTime)))
        .onConflict((conflict) => conflict.column('id').doUpdateSet(NEWER))
        .execute()
    },
    leave: async (ids) => {
      if (ids.length > 0) await reporting.deleteFrom('nodes').where('id', 'in', ids).execute()
    },
    forget: async (endedMsAgo) => {
      const until = sql<number>`${storeTime} - ${Math.round(endedMsAgo)}`
      await reporting.deleteFrom('nodes').where('lease_until', '<', until).execute()
    },
  }
}

const STAYS_AHEAD = sql<boolean>`nodes.epoch = excluded.epoch and nodes.revision > excluded.revision`

const NEWER = {
  name: sql<string>`excluded.name`,
  version: sql<string>`excluded.version`,
  started_at: sql<number>`excluded.started_at`,
  epoch: sql<string | null>`excluded.epoch`,
  revision: sql<
    number | null
  >`case when ${STAYS_AHEAD} then nodes.revision else excluded.revision end`,
  copied_at: sql<number | null>`excluded.copied_at`,
  draining: sql<number>`excluded.draining`,
  reported_at: sql<number>`excluded.reported_at`,
  lease_until: sql<number>`case when nodes.lease_until > excluded.lease_until
    then nodes.lease_until else excluded.lease_until end`,
}

function byId(one: NodeReport, other: NodeReport): number {
  return one.id < other.id ? -1 : 1
}

function rowOf(report: NodeReport, storeTime: RawBuilder<number>) {
  const { id, kind, name, version, startedAt, position, copyAgeMs, isDraining, leaseMs } = report
  return {
    id,
    kind,
    name,
    version,
    started_at: startedAt,
    epoch: position?.epoch ?? null,
    revision: position?.revision ?? null,
    copied_at:
      copyAgeMs === undefined ? null : sql<number>`${storeTime} - ${Math.round(copyAgeMs)}`,
    draining: isDraining ? 1 : 0,
    reported_at: storeTime,
    lease_until: sql<number>`${storeTime} + ${Math.round(leaseMs)}`,
  }
}

function knownNodeOf(row: NodeRow & { readonly now: number }): KnownNode {
  return {
    id: row.id,
    kind: row.kind as NodeKind, // only kinds are written
    name: row.name,
    version: row.version,
    startedAt: row.started_at,
    position: positionOf(row),
    copyAgeMs: row.copied_at === null ? undefined : row.now - row.copied_at,
    isDraining: row.draining === 1,
    reportedMsAgo: row.now - row.reported_at,
    leaseLeftMs: row.lease_until - row.now,
  }
}

function positionOf({ epoch, revision }: NodeRow): FeedPosition | undefined {
  if (epoch === null || revision === null) return undefined
  return { epoch, revision: revision as Revision } // only revisions are written
}
