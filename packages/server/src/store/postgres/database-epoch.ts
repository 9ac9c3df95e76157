import { StoreError } from '../store-error.ts'

/** Where a page of the feed was read. */
export interface DatabasePlaceInTime {
  /** The store's own epoch and the table that it stands in; `null` where there is no store. */
  readonly store: string | null
  /** The server's, as eight hexadecimal digits, so that they sort as the numbers do. */
  readonly timeline: string
}

/**
 * Makes an epoch of the store's own one, the table that it stands in, and the server's timeline: a standby
 * that was promoted, a restore to a point in time and a restored dump each make a new one, and may lack
 * what was committed before, so that everything has to be read again.
 *
 * A server whose timeline is older than one that was read before is the one that was failed over from.
 * It lacks what was revoked since, and is refused for as long as the process runs.
 */
export function databaseEpoch(): (read: DatabasePlaceInTime | undefined) => string {
  let newest: DatabasePlaceInTime | undefined
  return (read) => {
    if (read === undefined || read.store === null) return ''
    if (newest?.store === read.store && read.timeline < newest.timeline) throw FORMER_PRIMARY
    newest = read
    return `${read.store}.${read.timeline}`
  }
}

const FORMER_PRIMARY = new StoreError(
  'store_unavailable',
  'The database is on an older timeline than before: another server has taken over from this one, which may lack revocations. Lead the node to that server. If it was replaced by an older copy on purpose, restart the node.',
)
