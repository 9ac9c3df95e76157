import type { Kysely } from 'kysely'
import { type FeedHints, NO_HINTS } from '../../fence/change-feed.ts'
import type { Schema } from './schema.ts'

/** How other nodes are told to look into the feed. */
export interface Announcements extends FeedHints {
  /** Tells them once this transaction is committed; of one that is undone, nobody hears. */
  readonly announce: (transaction: Kysely<Schema>) => Promise<void>
}

/** For a store that one machine has: they poll. */
export const NO_ANNOUNCEMENTS: Announcements = { ...NO_HINTS, announce: async () => {} }
