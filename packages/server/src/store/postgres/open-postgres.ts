import { Kysely, sql } from 'kysely'
import { type DatabasePlace, formatDatabaseUrl } from '../../config/database-url.ts'
import type { RandomBytes } from '../../identifier/identifier.ts'
import { ensureEpoch } from '../kysely/epoch.ts'
import { storeOn } from '../kysely/kysely-store.ts'
import { migrate, schemaVersion } from '../kysely/migrations/migrate.ts'
import { MIGRATIONS } from '../kysely/migrations/migrations.ts'
import type { Schema } from '../kysely/schema.ts'
import { StoreAway, StoreError } from '../store-error.ts'
import type { Store } from '../store.ts'
import { announcementsAt } from './announcements.ts'
import { groupedTransactions } from './grouped-transactions.ts'
import { refuseHalfMoved } from './move-position.ts'
import { openPool, type PoolLimits } from './open-pool.ts'
import { RepeatedAttempt } from './repeated-attempt.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { postgresFeed } from './postgres-feed.ts'

/** What opening a store on PostgreSQL needs. */
export interface PostgresOptions {
  readonly place: DatabasePlace
  /** Of what manages; the feed has connections of its own. */
  readonly limits: PoolLimits
  readonly random: RandomBytes
  /** Told of each migration. */
  readonly progress: (step: string) => void
}

/**
 * Opens the store in a database, whose schema it brings up to date; of nodes that start together, one.
 * @throws StoreError `schema_newer`, `store_unavailable`
 */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  await prepare(options)
  return storeAt(options, ALWAYS)
}

/**
 * The same for a node, which has to be there before its database is: everything that is asked of the
 * store fails with `store_unavailable` until it could be opened, which is tried again and again.
 * @throws StoreError for what waiting does not mend: a schema that is newer, a password, a certificate
 */
export async function awaitPostgres(
  options: PostgresOptions,
  { random, failed }: Attempts,
): Promise<Store> {
  const attempt = await prepare(options).catch(onlyAway)
  if (attempt === undefined) return storeAt(options, ALWAYS)
  failed(attempt)
  const opening = new RepeatedAttempt({
    attempt: () => prepare(options),
    random,
    failed: whenOther(attempt, failed),
  })
  opening.start()
  const store = storeAt(options, () => opening.isDone)
  return {
    ...store,
    close: async () => {
      await opening.close()
      await store.close()
    },
  }
}

/** How a database that is away is tried again. */
export interface Attempts {
  /** From 0 up to 1: nodes that lost one database together must not come back together. */
  readonly random: () => number
  /** Told of each attempt that failed. */
  readonly failed: (error: unknown) => void
}

/** Tells what is not the same as before, so that a long outage is told once. */
function whenOther(first: Error, tell: (error: unknown) => void): (error: unknown) => void {
  let told = first.message
  return (error) => {
    const message = String(error instanceof Error ? error.message : error)
    if (message !== told) tell(error)
    told = message
  }
}

const ALWAYS = (): boolean => true

function onlyAway(error: unknown): StoreAway {
  if (error instanceof StoreAway) return error
  throw error
}

/** Brings the schema up to date and gives a new store its epoch. */
async function prepare({ place, random, progress }: PostgresOptions): Promise<void> {
  const work = async (db: Kysely<Schema>): Promise<void> => {
    await refuseHalfMoved(db)
    await ensureEpoch(db, random).catch((error: unknown) => {
      throw notOpened(place, error)
    })
  }
  await withMigrated(place, work, progress)
}

function storeAt({ place, limits }: PostgresOptions, isOpen: () => boolean): Store {
  const db = databaseAt(place, limits, isOpen)
  // Nodes go on following while every connection of the other pool waits.
  const followed = { ...limits, connectionsMax: FEED_CONNECTIONS_MAX }
  const following = databaseAt(place, followed, isOpen)
  return storeOn({
    db,
    transact: groupedTransactions(db, { waitMs: limits.timeoutMs }),
    following,
    feed: postgresFeed(following),
    reporting: following,
    storeTime: STORE_TIME,
    jsonRows: (rows) => sql`jsonb_array_elements(${JSON.stringify(rows)}::jsonb) as each (value)`,
    announcements: announcementsAt(place),
  })
}

const FEED_CONNECTIONS_MAX = 2

const STORE_TIME = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`

function databaseAt(
  place: DatabasePlace,
  limits: PoolLimits,
  isOpen: () => boolean = ALWAYS,
): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: postgresDialect(() => openPool(place, limits), isOpen) })
}

/**
 * Brings the schema up to date and lends the database, without limits of time: an index on a large table
 * takes as long as it takes.
 */
export async function withMigrated(
  place: DatabasePlace,
  work: (db: Kysely<Schema>) => Promise<void>,
  progress: (step: string) => void = () => {},
): Promise<void> {
  const db = databaseAt(place, { connectionsMax: 1, timeoutMs: 0 })
  try {
    await migrate(db, progress).catch((error: unknown) => {
      throw notOpened(place, error)
    })
    await work(db)
  } finally {
    await db.destroy()
  }
}

/** What lending a database that nodes use takes. */
export interface LentDatabase {
  readonly place: DatabasePlace
  /** Of finding it; what is done with it takes as long as it takes. */
  readonly limits: PoolLimits
}

/** Lends a database, all as of one moment. @throws StoreError as `withCurrent` */
export function withSnapshot<Result>(
  lent: LentDatabase,
  work: (db: Kysely<Schema>) => Promise<Result>,
): Promise<Result> {
  return withCurrent(lent, (db) =>
    db.transaction().setAccessMode('read only').setIsolationLevel('repeatable read').execute(work),
  )
}

/** Lends a database. @throws StoreError if it cannot be read, or its schema is not this version's */
export async function withCurrent<Result>(
  { place, limits }: LentDatabase,
  work: (db: Kysely<Schema>) => Promise<Result>,
): Promise<Result> {
  // Within the limits of time: a server out of reach is found here.
  const version = await databaseVersion(place, limits)
  if (version !== MIGRATIONS.length) throw otherSchema(version)
  const db = databaseAt(place, { connectionsMax: 1, timeoutMs: 0 })
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

function otherSchema(version: number): StoreError {
  if (version === 0) return new StoreError('store_unavailable', 'The database holds no store yet.')
  return version < MIGRATIONS.length
    ? new StoreError(
        'store_unavailable',
        'The database is of an older Keyfence: use that one, or run "keyfence migrate up" first.',
      )
    : new StoreError('schema_newer', 'The database is of a newer Keyfence: use that one.')
}

/** How many migrations a database has had; 0: it has no schema yet. @throws StoreError */
export async function databaseVersion(place: DatabasePlace, limits: PoolLimits): Promise<number> {
  const db = databaseAt(place, limits)
  try {
    const made = await sql<{ made: string | null }>`
      select to_regclass('schema_version') as made`.execute(db)
    return (made.rows[0]?.made ?? null) === null ? 0 : await schemaVersion(db)
  } catch (error) {
    throw notOpened(place, error)
  } finally {
    await db.destroy()
  }
}

function notOpened(place: DatabasePlace, error: unknown): unknown {
  if (!(error instanceof StoreError) || error.code !== 'store_unavailable') return error
  const what = `${formatDatabaseUrl(place)} cannot be opened as a store. ${error.message}`
  const message = `${what} Check the server and KEYFENCE_DATABASE_URL.`
  if (error instanceof StoreAway) return new StoreAway(message, { cause: error })
  return new StoreError('store_unavailable', message, { cause: error })
}
