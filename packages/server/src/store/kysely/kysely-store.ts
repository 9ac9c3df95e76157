import { type Kysely, sql } from 'kysely'
import type { Store } from '../store.ts'
import { answerStore } from './answers.ts'
import { auditLog } from './audit.ts'
import { feedReader } from './feed.ts'
import { managementKeys } from './management-keys.ts'
import type { Schema } from './schema.ts'
import { tokenStore } from './tokens.ts'

/** The store on a migrated database, whatever its engine. */
export function storeOn(db: Kysely<Schema>): Store {
  return {
    tokens: tokenStore(db),
    keys: managementKeys(db),
    audit: auditLog(db),
    answers: answerStore(db),
    feed: feedReader(db),
    transact: (work) =>
      db.transaction().execute((transaction) =>
        work({
          tokens: tokenStore(transaction),
          keys: managementKeys(transaction),
          audit: auditLog(transaction),
          answers: answerStore(transaction),
        }),
      ),
    ping: async () => {
      await sql`select 1`.execute(db)
    },
    close: () => db.destroy(),
  }
}
