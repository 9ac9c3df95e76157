/**
 * The thread that reads a whole copy and ends. What it hands over is the packed fence alone: rows that
 * travel between threads, and are made into objects on both sides, take several times as long.
 */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { NO_REVISION, type Revision } from '../../fence/change-feed.ts'
import { packedFence } from '../../fence/packed/packed-fence.ts'
import type { WholeCopy } from '../../fence/whole-copy.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { FEED_COLUMNS, type FeedTokenRow, recordOf, secretOf } from '../kysely/feed.ts'
import type { ListedEntryRow } from '../kysely/schema.ts'
import { RowsInOrder, type RowValues } from './rows-in-order.ts'

/** Of other characters SQLite and this language have different orders. */
const PRINTABLE = /^[!-~]+$/

const { path } = workerData as { path: string } // what copy-sqlite.ts passes
const database = new DatabaseSync(path, { readOnly: true })
// One transaction: everything is of one moment.
database.exec('pragma busy_timeout = 2000; begin')
const copy = readCopy()
database.exec('commit')
database.close()
// Where a part is not what it must be, the feed is read, which takes damage token by token.
parentPort?.postMessage(copy)

function readCopy(): WholeCopy | undefined {
  const [[epoch] = []] = rows(`select value from meta where key = 'epoch'`)
  const [[revision] = []] = rows('select max(revision) from changes')
  const fence = packedFence()
  const unreadable: WholeCopy['unreadable'][number][] = []
  const secrets = new RowsInOrder(
    rows('select token_id, hash, ends_at from secrets order by token_id'),
  )
  const entries = new RowsInOrder(
    rows(`select token_id, list, value, subdomains, label from entries
          order by token_id, list, position`),
  )
  for (const values of rows(`select ${FEED_COLUMNS.join()} from tokens order by id`)) {
    const row = tokenRow(values)
    if (!PRINTABLE.test(row.id)) return undefined
    const tokenId = row.id as TokenId // only ids are written
    const change = {
      revision: NO_REVISION,
      tokenId,
      owner: row.owner,
      secrets: secrets
        .of(row.id)
        .map(([, hash, endsAt]) =>
          secretOf({ hash: String(hash), ends_at: endsAt as number | null }),
        ),
      ...recordOf(row, entries.of(row.id).map(entryRow)),
    }
    if (fence.apply(change)) continue
    const because = change.kind === 'unreadable' ? change.because : 'restrictions'
    unreadable.push({ tokenId, because })
  }
  // Secrets outlive their token, entries do not.
  if (entries.passed() > 0) return undefined
  const position = { epoch: String(epoch ?? ''), revision: (revision ?? NO_REVISION) as Revision }
  return { position, image: fence.image(), unreadable }
}

function rows(sql: string): Iterable<RowValues> {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement.iterate() as unknown as Iterable<RowValues> // arrays, as set above
}

/** In the order of FEED_COLUMNS. `as`: the schema says what is in a column. */
function tokenRow(values: RowValues): FeedTokenRow {
  const [id, owner, metadata, status, mode, not_before, expires_at, domains_enabled, ips_enabled] =
    values
  return {
    id,
    owner,
    metadata,
    status,
    mode,
    not_before,
    expires_at,
    domains_enabled,
    ips_enabled,
  } as FeedTokenRow
}

function entryRow([, list, value, subdomains, label]: RowValues): ListedEntryRow {
  return { list, value, subdomains, label } as ListedEntryRow // as above
}
