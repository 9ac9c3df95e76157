import { sql } from 'kysely'
import type { ReadEpoch } from '../kysely/epoch.ts'
import { StoreError } from '../store-error.ts'

/**
 * Reads the store's own epoch, the table that it stands in, and the server's timeline: a standby that was
 * promoted, a restore to a point in time and a restored dump each make a new one, and may lack what was
 * committed before, so that everything has to be read again.
 *
 * A server whose timeline is older than one that was read before is the one that was failed over from.
 * It lacks what was revoked since, and is refused for as long as the process runs.
 */
export function databaseEpoch(): ReadEpoch {
  let newest: EpochRow | undefined
  return async (db) => {
    const { rows } = await sql<EpochRow>`
      select value || '.' || 'meta'::regclass::oid as store,
        substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline
      from meta where key = 'epoch'`.execute(db)
    const [read] = rows
    if (read === undefined) return ''
    if (newest?.store === read.store && read.timeline < newest.timeline) throw FORMER_PRIMARY
    newest = read
    return `${read.store}.${read.timeline}`
  }
}

interface EpochRow {
  readonly store: string
  /** Eight hexadecimal digits, so that they sort as the numbers do. */
  readonly timeline: string
}

const FORMER_PRIMARY = new StoreError(
  'store_unavailable',
  'The database is on an older timeline than before: another server has taken over from this one, which may lack revocations. Lead the node to that server. If it was replaced by an older copy on purpose, restart the node.',
)
