import { type Kysely, sql } from 'kysely'
import type { Store } from '../store.ts'
import { activityStore } from './activity.ts'
import { administrators } from './administrators.ts'
import { answerStore } from './answers.ts'
import { auditLog } from './audit.ts'
import { feedReader } from './feed.ts'
import { managementKeys } from './management-keys.ts'
import { portalSessions } from './portal-sessions.ts'
import type { Schema } from './schema.ts'
import { sessions } from './sessions.ts'
import { signInLinks } from './sign-in-links.ts'
import { tokenStore } from './tokens.ts'

/**
 * The store on a migrated database, whatever its engine.
 * @param following another way to the same database, for the feed alone: nodes go on following
 * while writers wait for each other.
 */
export function storeOn(db: Kysely<Schema>, following: Kysely<Schema> = db): Store {
  return {
    tokens: tokenStore(db),
    keys: managementKeys(db),
    audit: auditLog(db),
    answers: answerStore(db),
    activity: activityStore(db),
    administrators: administrators(db),
    sessions: sessions(db),
    links: signInLinks(db),
    portal: portalSessions(db),
    feed: feedReader(following),
    transact: (work) =>
      db.transaction().execute((transaction) =>
        work({
          tokens: tokenStore(transaction),
          keys: managementKeys(transaction),
          audit: auditLog(transaction),
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
      await Promise.all([db.destroy(), following === db ? undefined : following.destroy()])
    },
  }
}
