import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { FeedReader } from '../../fence/change-feed.ts'
import type { Store } from '../store.ts'
import { activityStore } from './activity.ts'
import { administrators } from './administrators.ts'
import { answerStore } from './answers.ts'
import type { Announcements } from './announcements.ts'
import { auditLog } from './audit.ts'
import type { JsonRows } from './json-rows.ts'
import { managementKeys } from './management-keys.ts'
import { nodeStore } from './nodes.ts'
import { portalSessions } from './portal-sessions.ts'
import type { Schema } from './schema.ts'
import { sessions } from './sessions.ts'
import { signInLinks } from './sign-in-links.ts'
import { tokenStore } from './tokens.ts'

/** Runs something in a transaction: kept when it resolves, undone when it rejects. */
export type Transact = <Result>(
  work: (transaction: Transaction<Schema>) => Promise<Result>,
) => Promise<Result>

/** A migrated database, and how it is read. */
export interface StoreDatabase {
  readonly db: Kysely<Schema>
  /** How transactions that write are run on it. */
  readonly transact: Transact
  /** Another way to it, for the feed: nodes go on following while writers wait for each other. */
  readonly following: Kysely<Schema>
  /** By that way. */
  readonly feed: FeedReader
  /** The one of both on which nodes report: neither what follows nor who writes may wait for it. */
  readonly reporting: Kysely<Schema>
  /** The time in milliseconds by the clock that all who share the store have in common. */
  readonly storeTime: RawBuilder<number>
  readonly jsonRows: JsonRows
  readonly announcements: Announcements
}

/** The store on a migrated database, whatever its engine. */
export function storeOn(database: StoreDatabase): Store {
  const { db, following, feed, jsonRows, announcements } = database
  return {
    tokens: tokenStore(db, announcements, jsonRows),
    keys: managementKeys(db),
    audit: auditLog(db, jsonRows),
    answers: answerStore(db),
    activity: activityStore(db),
    administrators: administrators(db),
    sessions: sessions(db),
    links: signInLinks(db),
    portal: portalSessions(db),
    feed,
    hints: announcements,
    nodes: nodeStore(database),
    transact: (work) =>
      database.transact((transaction) =>
        work({
          tokens: tokenStore(transaction, announcements, jsonRows),
          keys: managementKeys(transaction),
          audit: auditLog(transaction, jsonRows),
          answers: answerStore(transaction),
          activity: activityStore(transaction),
          administrators: administrators(transaction),
          sessions: sessions(transaction),
          links: signInLinks(transaction),
          portal: portalSessions(transaction),
        }),
      ),
    ping: async () => {
      await sql`select 1`.execute(db)
    },
    close: async () => {
      await Promise.all([db.destroy(), following.destroy()])
    },
  }
}
