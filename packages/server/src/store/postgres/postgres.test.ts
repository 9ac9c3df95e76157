import { Kysely, sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseUrl } from '../../config/database-url.ts'
import { NO_HINTS, NO_REVISION } from '../../fence/change-feed.ts'
import { systemClock } from '../../fence/clock.ts'
import { follow } from '../../fence/follow.ts'
import { packedFence } from '../../fence/packed/packed-fence.ts'
import { inserted, insert, newHash, newToken } from '../contract/contract-store.ts'
import { migrate } from '../kysely/migrations/migrate.ts'
import { MIGRATIONS } from '../kysely/migrations/migrations.ts'
import type { Schema } from '../kysely/schema.ts'
import type { Store } from '../store.ts'
import { storeContract } from '../store-contract.ts'
import { openPool } from './open-pool.ts'
import { openPostgres } from './open-postgres.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

const LIMITS = { connectionsMax: 10, timeoutMs: 5000 }

function placeOf(url: string) {
  const place = parseDatabaseUrl(url)
  if (!place.ok) throw new TypeError(place.problem)
  return place.value
}

function open(url: string, progress: (step: string) => void = () => {}, limits = LIMITS) {
  return openPostgres({ place: placeOf(url), limits, random: randomBytes, progress })
}

let contractUrl: string | undefined

storeContract('postgres', async () => {
  // One for all: a database takes longer to make than a test runs.
  contractUrl ??= await server.createDatabase()
  const url = contractUrl
  return {
    store: await open(url),
    reopen: () => open(url),
    damage: async (id, column, value) => {
      await server.run(url, `update tokens set ${column} = $1 where id = $2`, [value, id])
    },
    renewEpoch: async () => {
      await server.run(url, "update meta set value = $1 where key = 'epoch'", ['another'])
    },
    dispose: () => emptied(url),
  }
})

/** Of everything but its schema; the counters go on. */
async function emptied(url: string): Promise<void> {
  const tables = await server.run(url, TABLES)
  await server.run(url, tables.map(({ statement }) => statement).join('; '))
}

const TABLES = `select 'delete from ' || quote_ident(tablename) as statement from pg_tables
  where schemaname = 'public' and tablename <> 'schema_version'`

/** Brings a database to a schema from before. */
async function migrateTo(url: string, version: number): Promise<void> {
  const db = new Kysely<Schema>({ dialect: postgresDialect(() => openPool(placeOf(url), LIMITS)) })
  await migrate(db, () => {}, MIGRATIONS.slice(0, version))
  await db.destroy()
}

const SCHEMA = `select table_name, column_name, data_type, collation_name, is_nullable, indexdef
  from information_schema.columns
  left join pg_indexes on tablename = table_name
  where table_schema = 'public' order by 1, 2, indexname`

describe('the schema on PostgreSQL', () => {
  test('is the same from whichever earlier one it comes, with every record', async () => {
    const fresh = await server.createDatabase()
    await (await open(fresh)).close()
    const expected = await server.run(fresh, SCHEMA)
    for (let version = 1; version < MIGRATIONS.length; version++) {
      const url = await server.createDatabase()
      await migrateTo(url, version)
      await server.run(url, TOKEN_FROM_BEFORE)
      const steps: string[] = []
      const store = await open(url, (step) => steps.push(step))
      expect(steps).toHaveLength(MIGRATIONS.length - version)
      expect(await store.tokens.list({}, { after: undefined, limit: 9 })).toHaveLength(1)
      await store.close()
      expect(await server.run(url, SCHEMA), `from version ${version}`).toEqual(expected)
    }
  })

  test('is made once, by one of ten nodes that start at once', async () => {
    const url = await server.createDatabase()
    const steps: string[] = []
    const stores = await Promise.all(
      Array.from({ length: 10 }, () => open(url, (step) => steps.push(step))),
    )
    expect(steps).toHaveLength(MIGRATIONS.length)
    const epochs = await Promise.all(stores.map(async ({ feed }) => feed.read(NO_REVISION, 1)))
    expect(new Set(epochs.map(({ epoch }) => epoch)).size).toBe(1)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('of a newer Keyfence is refused, and left as it is', async () => {
    const url = await server.createDatabase()
    await (await open(url)).close()
    await server.run(url, `update schema_version set version = ${MIGRATIONS.length + 1}`)
    await expect(open(url)).rejects.toMatchObject({ code: 'schema_newer' })
    await server.run(url, `update schema_version set version = ${MIGRATIONS.length}`)
    await (await open(url)).close()
  })

  test('that was interrupted goes on where it stopped', async () => {
    const url = await server.createDatabase()
    const db = new Kysely<Schema>({
      dialect: postgresDialect(() => openPool(placeOf(url), LIMITS)),
    })
    const broken = {
      name: 'broken',
      up: async (transaction: Kysely<Schema>) => {
        await sql`create table half_way (x int)`.execute(transaction)
        throw new RangeError('power loss')
      },
    }
    const first = MIGRATIONS.slice(0, 2)
    await expect(migrate(db, () => {}, [...first, broken])).rejects.toThrow('power loss')
    await db.destroy()
    expect(await server.run(url, "select to_regclass('half_way') as made")).toEqual([
      { made: null },
    ])
    const steps: string[] = []
    await (await open(url, (step) => steps.push(step))).close()
    expect(steps).toHaveLength(MIGRATIONS.length - first.length)
  })
})

const TOKEN_FROM_BEFORE = `insert into tokens (id, name, owner, hint, metadata, created_at, status,
  mode, domains_enabled, ips_enabled, version)
  values ('tok_1', 'x', 'alice', '', '{}', 0, 'active', 'enforce', 0, 0, 1)`

describe('a server in trouble', () => {
  test('costs what was asked meanwhile, and nothing that was written before, synced or not', async () => {
    const own = await startPostgres()
    onTestFinished(() => own.close())
    const store = await open(await own.createDatabase())
    const before = await inserted(store)
    await own.kill()
    await expect(store.feed.read(NO_REVISION, 1)).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.ping()).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.transact(async () => {})).rejects.toMatchObject(UNAVAILABLE)
    await own.restart()
    const after = await inserted(store)
    const { changes } = await store.feed.read(NO_REVISION, 9)
    expect(changes.map(({ tokenId }) => tokenId)).toEqual([before.id, after.id])
    await store.close()
  })

  test('that is not there is named without its password', async () => {
    const url = 'postgres://someone:hidden-word@127.0.0.1:1/keyfence'
    const failed: unknown = await open(url).catch((error: unknown) => error)
    expect(failed).toMatchObject(UNAVAILABLE)
    expect(String(failed)).toContain('postgres://someone:***@127.0.0.1:1/keyfence')
    expect(String(failed)).not.toContain('hidden-word')
  })

  test('a value that is there already is told without the value', async () => {
    const store = await open(await server.createDatabase())
    const hash = newHash()
    await store.transact((transaction) => insert(transaction, newToken(), hash))
    const failed: unknown = await store
      .transact((transaction) => insert(transaction, newToken(), hash))
      .catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'not_unique' })
    expect(failed).not.toHaveProperty('cause.detail')
    expect(String(failed)).not.toContain(hash)
    await store.close()
  })
})

const UNAVAILABLE = { code: 'store_unavailable' }

describe('a writer that stops half way', () => {
  test('is waited for so long and no longer, is ended by the server, and keeps nothing', async () => {
    const url = await server.createDatabase()
    const store = await open(url, () => {}, { connectionsMax: 4, timeoutMs: 200 })
    const abandoned = newToken()
    const { promise: resumed, resolve: resume } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const stopped = store.transact(async (transaction) => {
      await insert(transaction, abandoned)
      begin()
      await resumed
    })
    await begun
    let hasRun = false
    const waiting = store.transact(async () => {
      hasRun = true
    })
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE)
    expect((await store.feed.read(NO_REVISION, 9)).changes).toEqual([])
    const patient = await open(url)
    const next = await inserted(patient)
    resume()
    await expect(stopped).rejects.toMatchObject(UNAVAILABLE)
    expect(hasRun).toBe(false)
    const { changes } = await store.feed.read(NO_REVISION, 9)
    expect(changes.map(({ tokenId }) => tokenId)).toEqual([next.id])
    await Promise.all([store.close(), patient.close()])
  })

  test('is waited for in vain, and what waited serves the next question, a read or a change', async () => {
    const url = await server.createDatabase()
    const other = await open(url)
    // One connection: it is the one that has waited.
    const store = await open(url, () => {}, { connectionsMax: 1, timeoutMs: 1000 })
    const { promise: resumed, resolve: resume } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const slow = other.transact(async () => {
      begin()
      await resumed
    })
    await begun
    await expect(store.transact(async () => {})).rejects.toMatchObject(UNAVAILABLE)
    expect(await store.tokens.find(newToken().id)).toBeUndefined()
    await expect(store.transact(async () => {})).rejects.toMatchObject(UNAVAILABLE)
    resume()
    await slow
    const { id } = await inserted(store)
    expect(await store.tokens.find(id)).toMatchObject({ id })
    await Promise.all([store.close(), other.close()])
  })

  test('keeps a later one from being read before it: no revision appears behind what was read', async () => {
    const url = await server.createDatabase()
    const [store, other] = [await open(url), await open(url)]
    const [first, second] = [newToken(), newToken()]
    const { promise: resumed, resolve: resume } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const slow = store.transact(async (transaction) => {
      await insert(transaction, first)
      begin()
      await resumed
    })
    await begun
    const quick = other.transact((transaction) => insert(transaction, second))
    await Promise.race([quick, somebodyWaits(url)])
    expect((await store.feed.read(NO_REVISION, 9)).changes).toEqual([])
    resume()
    await Promise.all([slow, quick])
    const { changes } = await store.feed.read(NO_REVISION, 9)
    expect(changes.map(({ tokenId }) => tokenId)).toEqual([first.id, second.id])
    await Promise.all([store.close(), other.close()])
  })
})

test('a dump that was brought back is another epoch, though every row is the same', async () => {
  const url = await server.createDatabase()
  const store = await open(url)
  await inserted(store)
  const before = await store.feed.read(NO_REVISION, 9)
  await server.run(url, AS_A_DUMP_DOES)
  const after = await store.feed.read(NO_REVISION, 9)
  expect(after.changes).toEqual(before.changes)
  expect(after.epoch).not.toBe(before.epoch)
  await store.close()
})

const AS_A_DUMP_DOES = `create table restored (like meta including all);
  insert into restored select * from meta; drop table meta; alter table restored rename to meta`

describe('announcements', () => {
  const followed = async (of: Store, pollIntervalMs: number, hints = of.hints) => {
    const changed: string[] = []
    let told = Promise.withResolvers<void>()
    const follower = follow({
      feed: of.feed,
      hints,
      fence: packedFence(),
      clock: systemClock,
      pollIntervalMs,
      maxStalenessMs: 1_000_000,
      alarm: () => {},
      changed: (tokenId) => {
        changed.push(tokenId)
        told.resolve()
        told = Promise.withResolvers<void>()
      },
    })
    await follower.catchUp()
    const until = async (tokenId: string) => {
      while (!changed.includes(tokenId)) await told.promise
    }
    return { follower, until }
  }

  test('reach a node that polls too rarely, also after the connection was lost', async () => {
    const url = await server.createDatabase()
    const [writer, reader] = [await open(url), await open(url)]
    const { follower, until } = await followed(reader, 1_000_000)
    await until((await inserted(writer)).id)
    await server.run(url, LOSE_LISTENERS)
    // It was away, and looks as soon as it is back.
    await until((await inserted(writer)).id)
    await follower.close()
    await Promise.all([writer.close(), reader.close()])
  })

  test('that are all lost cost time until the next poll, and nothing else', async () => {
    const url = await server.createDatabase()
    const [writer, reader] = [await open(url), await open(url)]
    const { follower, until } = await followed(reader, 50, NO_HINTS)
    await until((await inserted(writer)).id)
    await follower.close()
    await Promise.all([writer.close(), reader.close()])
  })
})

const LOSE_LISTENERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and query like 'listen%'`

/** Resolves once somebody waits for the turn to write. */
async function somebodyWaits(url: string): Promise<void> {
  while ((await server.run(url, WAITING)).length === 0);
}

const WAITING = `select 1 from pg_locks where locktype = 'advisory' and not granted and
  database = (select oid from pg_database where datname = current_database())`
