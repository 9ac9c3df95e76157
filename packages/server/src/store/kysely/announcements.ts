import type { RawBuilder } from 'kysely'
import { type FeedHints, NO_HINTS } from '../../fence/change-feed.ts'

/** How other nodes are told to look into the feed. */
export interface Announcements extends FeedHints {
  /**
   * Selected in a transaction that changes something, it tells them once that is committed; of one that is
   * undone, nobody hears. Absent where nodes poll.
   */
  readonly announcement?: RawBuilder<unknown>
}

/** For a store that one machine has: they poll. */
export const NO_ANNOUNCEMENTS: Announcements = NO_HINTS
