/** What becomes of statements that are not waited for. */
import { Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import type { TokenHash } from '../../token/token.ts'
import { insert, newHash, newKey, newToken } from '../contract/contract-store.ts'
import { write } from '../kysely/deferred-write.ts'
import type { Schema } from '../kysely/schema.ts'
import type { Store, StoreTransaction } from '../store.ts'
import { openPool } from './open-pool.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

let store: Store
beforeEach(async () => {
  store = await openPostgresAt(await server.createDatabase())
  onTestFinished(() => store.close())
})

type Hide = (transaction: StoreTransaction, taken: TokenHash) => Promise<unknown>

test.each<{ because: string; code: string; hide: Hide }>([
  {
    because: 'one that was waited for',
    code: 'store_unavailable',
    hide: ({ keys }, taken) => keys.insert(newKey(), taken),
  },
  {
    because: 'one that was not',
    code: 'not_unique',
    hide: (transaction, taken) => insert(transaction, newToken(), taken),
  },
])(
  'a statement that failed and was caught does not pass for a change that was kept: $because',
  async ({ hide, code }) => {
    const taken = newHash()
    await store.transact(async (transaction) => {
      await insert(transaction, newToken(), taken)
      await transaction.keys.insert(newKey(), taken)
    })
    const half = newToken()
    const kept = store.transact(async (transaction) => {
      await transaction.tokens.insert(half)
      await hide(transaction, taken).catch(() => {})
    })
    await expect(kept).rejects.toMatchObject({ code })
    expect(await store.tokens.find(half.id)).toBeUndefined()
  },
)

test('nothing that is written is answered into what is read, however much it is', async () => {
  const tokens = Array.from({ length: 150 }, (_, at) => newToken({ name: `${at}` }))
  const found = await store.transact(async (transaction) => {
    for (const token of tokens) await insert(transaction, token)
    return Promise.all(tokens.map(({ id }) => transaction.tokens.find(id)))
  })
  expect(found).toEqual(tokens)
})

test('what failed unseen does not keep the transaction from being undone', async () => {
  const taken = newHash()
  await store.transact((transaction) => insert(transaction, newToken(), taken))
  const mind = new RangeError('changed its mind')
  const undone = store.transact(async (transaction) => {
    await insert(transaction, newToken(), taken)
    throw mind
  })
  await expect(undone).rejects.toBe(mind)
  await store.transact((transaction) => insert(transaction, newToken()))
  expect((await store.feed.read(NO_REVISION, 9)).changes).toHaveLength(2)
})

test.each<{ because: string; hide: (transaction: Kysely<Schema>) => Promise<unknown> }>([
  { because: 'nothing is asked after it', hide: async () => {} },
  {
    because: 'who asked next was told, and hid it',
    hide: (transaction) => sql`select 1`.execute(transaction).catch(() => {}),
  },
])(
  'what could not be sent is missed, although the server knows of no failure: $because',
  async ({ hide }) => {
    const db = await migratedDatabase()
    const kept = db.transaction().execute(async (transaction) => {
      await put(transaction, 'half')
      await put(transaction, UNSPEAKABLE)
      await hide(transaction)
    })
    await expect(kept).rejects.toThrow('no words')
    await db.transaction().execute((transaction) => put(transaction, 'whole'))
    const { rows } = await sql`select key from meta where value = ''`.execute(db)
    expect(rows).toEqual([{ key: 'whole' }])
  },
)

test('outside of a transaction it is waited for: nothing later would tell', async () => {
  const db = await migratedDatabase()
  await put(db, 'taken')
  await expect(put(db, 'taken')).rejects.toMatchObject({ code: 'not_unique' })
})

/** With the connection of a store, but none of its own. */
async function migratedDatabase(): Promise<Kysely<Schema>> {
  const url = await server.createDatabase()
  await (await openPostgresAt(url)).close()
  const db = new Kysely<Schema>({
    dialect: postgresDialect(() => openPool(placeOf(url), { connectionsMax: 1, timeoutMs: 5000 })),
  })
  onTestFinished(() => db.destroy())
  return db
}

/** A parameter that the driver refuses. */
const UNSPEAKABLE = {
  toPostgres: () => {
    throw new RangeError('there are no words for it')
  },
}

const put = (db: Kysely<Schema>, value: unknown): Promise<void> =>
  write(db, sql`insert into meta (key, value) values (${value}, '')`)
