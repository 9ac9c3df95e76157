import type { Kysely } from 'kysely'
import { NO_ANNOUNCEMENTS } from '../kysely/announcements.ts'
import { storeOn } from '../kysely/kysely-store.ts'
import type { Schema } from '../kysely/schema.ts'
import type { Store } from '../store.ts'
import { JSON_ROWS, STORE_TIME } from './open-sqlite.ts'
import { sqliteFeed } from './sqlite-feed.ts'

/** The store on a migrated SQLite database that has one connection for everything: for tests alone. */
export function oneConnectionStore(db: Kysely<Schema>): Store {
  return storeOn({
    db,
    transact: (work) => db.transaction().execute(work),
    following: db,
    reporting: db,
    storeTime: STORE_TIME,
    jsonRows: JSON_ROWS,
    feed: sqliteFeed(db),
    announcements: NO_ANNOUNCEMENTS,
  })
}
