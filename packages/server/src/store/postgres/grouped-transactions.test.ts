import { Kysely, sql } from 'kysely'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { insert, newHash, newKey, newToken } from '../contract/contract-store.ts'
import { write } from '../kysely/deferred-write.ts'
import type { Schema } from '../kysely/schema.ts'
import type { TokenHash } from '../../token/token.ts'
import { StoreError } from '../store-error.ts'
import type { Store, StoreTransaction } from '../store.ts'
import { groupedTransactions } from './grouped-transactions.ts'
import { openPool } from './open-pool.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
beforeAll(async () => {
  // Then each row says which commit it came with.
  server = await startPostgres(['track_commit_timestamp=on'])
})
afterAll(() => server.close())

let url: string
let store: Store
beforeEach(async () => {
  url = await server.createDatabase()
  store = await openPostgresAt(url)
  onTestFinished(() => store.close())
})

const UNAVAILABLE = { code: 'store_unavailable' }

/** Keeps what is asked meanwhile waiting, so that it runs together. */
async function whileOneRuns(ask: () => readonly Promise<unknown>[]) {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: resumed, resolve: resume } = Promise.withResolvers<void>()
  const first = store.transact(async (transaction) => {
    begin()
    await resumed
    await insert(transaction, newToken({ name: 'first' }))
  })
  await begun
  const asked = Promise.allSettled(ask())
  resume()
  await first
  return asked
}

const added = (name: string, hash = newHash()): Promise<unknown> =>
  store.transact((transaction) => insert(transaction, newToken({ name }), hash))

/** Names of the tokens that are there, by the commit that they came with, in the order of the feed. */
async function namesByCommit(): Promise<readonly unknown[]> {
  const rows = await server.run(
    url,
    `select array_agg(name order by revision) as names from tokens join changes on id = token_id
      group by pg_xact_commit_timestamp(tokens.xmin) order by min(revision)`,
  )
  return rows.map(({ names }) => names)
}

test('transactions that wait are one, up to sixteen, in the order in which they came', async () => {
  const { put, keysByCommit } = groupsAt(() => 0)
  const keys = ['first', ...Array.from({ length: 20 }, (_, at) => `later ${at}`)]
  const answered: string[] = []
  await Promise.all(keys.map((key) => put(key).then(() => answered.push(key))))
  expect(answered).toEqual(keys)
  const groups = [keys.slice(0, 1), keys.slice(1, 17), keys.slice(17)]
  expect(await keysByCommit()).toEqual(groups.map((group) => group.toSorted()))
})

test('one that asks for what cannot be is undone, and the others are not', async () => {
  const refusal = new Error('refused after it was written')
  const answers = await whileOneRuns(() => [
    added('before'),
    store.transact(async (transaction) => {
      await insert(transaction, newToken({ name: 'undone' }))
      throw refusal
    }),
    added('behind'),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(answers[1]).toMatchObject({ reason: refusal })
  expect(await namesByCommit()).toEqual([['first'], ['before', 'behind']])
})

test('one whose statement fails is undone, and the others are not', async () => {
  const hash = newHash()
  const answers = await whileOneRuns(() => [
    added('before', hash),
    added('same', hash),
    added('behind'),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(answers[1]).toMatchObject({ reason: { code: 'not_unique' } })
  expect(await namesByCommit()).toEqual([['first'], ['before', 'behind']])
})

test.each<{ because: string; hide: Hide }>([
  { because: 'one that was waited for', hide: ({ keys }, taken) => keys.insert(newKey(), taken) },
  {
    because: 'one that was not',
    hide: (transaction, taken) => insert(transaction, newToken(), taken),
  },
])('one that hid a failed statement is undone, and the others are not: $because', async (row) => {
  const hash = newHash()
  await store.transact(({ keys }) => keys.insert(newKey(), hash))
  const answers = await whileOneRuns(() => [
    added('before', hash),
    store.transact((transaction) => row.hide(transaction, hash).catch(() => {})),
    added('behind'),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(answers[1]).toMatchObject({ reason: expect.any(StoreError) })
  expect(await namesByCommit()).toEqual([['first'], ['before', 'behind']])
})

type Hide = (transaction: StoreTransaction, taken: TokenHash) => Promise<unknown>

test('one that failed unseen and then gave up is undone, and the others are not', async () => {
  const hash = newHash()
  const mind = new RangeError('changed its mind')
  const answers = await whileOneRuns(() => [
    added('before', hash),
    store.transact(async (transaction) => {
      await insert(transaction, newToken(), hash)
      throw mind
    }),
    added('behind'),
  ])
  expect(answers[1]).toEqual({ status: 'rejected', reason: mind })
  expect(await namesByCommit()).toEqual([['first'], ['before', 'behind']])
})

test('with the connection all of them are lost, and the next ones are kept', async () => {
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`
  const answers = await whileOneRuns(() => [
    added('before'),
    store.transact(async (transaction) => {
      await server.run(url, cut)
      await insert(transaction, newToken({ name: 'cut off' }))
    }),
    added('behind'),
  ])
  expect(answers).toMatchObject(answers.map(() => ({ status: 'rejected', reason: UNAVAILABLE })))
  await added('later')
  expect(await namesByCommit()).toEqual([['first'], ['later']])
})

test('a group that took long ends, and the rest of it goes next', async () => {
  let nowMs = 0
  const { put, keysByCommit } = groupsAt(() => nowMs)
  const took = { first: 0, quick: 50, long: 500, behind: 0, last: 0 }
  const putting = Object.entries(took).map(([key, tookMs]) => put(key, () => (nowMs += tookMs)))
  await Promise.all(putting)
  expect(await keysByCommit()).toEqual([['first'], ['long', 'quick'], ['behind', 'last']])
})

test.each<{ because: string; refuses: string; third: unknown }>([
  { because: 'its savepoint fails', refuses: 'savepoint member', third: 'third' },
  {
    because: 'what it writes cannot be sent',
    refuses: '',
    third: {
      toPostgres: () => {
        throw new RangeError('there are no words for it')
      },
    },
  },
])(
  'nobody is told kept who was undone with a later one, behind one that failed: $because',
  async ({ refuses, third }) => {
    let asked = 0
    const { put, keysByCommit } = groupsAt(
      () => 0,
      (text) => (text === refuses && ++asked === 3 ? 'select 1 / 0' : text),
    )
    const keys = ['first', 'first', 'second', third]
    const answers = await Promise.allSettled(keys.map((key) => put(key)))
    const told = keys.filter((_, at) => answers[at]?.status === 'fulfilled')
    expect(told[0]).toBe('first')
    expect((await keysByCommit()).flat()).toEqual(told)
  },
)

/** Groups by that clock, each of whose members puts a key. @param sent what is asked in place of a text */
function groupsAt(monotonicMs: () => number, sent = (text: string): string => text) {
  const db = new Kysely<Schema>({ dialect: postgresDialect(() => poolSending(sent)) })
  onTestFinished(() => db.destroy())
  const transact = groupedTransactions(db, { waitMs: 0, monotonicMs })
  return {
    put: (key: unknown, done: () => void = () => {}): Promise<void> =>
      transact(async (transaction) => {
        await write(transaction, sql`insert into meta (key, value) values (${key}, '')`)
        done()
      }),
    keysByCommit: async (): Promise<readonly (readonly unknown[])[]> => {
      const rows = await server.run(
        url,
        `select array_agg(key order by key) as keys from meta where value = ''
          group by pg_xact_commit_timestamp(xmin) order by pg_xact_commit_timestamp(xmin)`,
      )
      return rows.map(({ keys }) => keys as string[])
    },
  }
}

function poolSending(sent: (text: string) => string): Pool {
  const pool = openPool(placeOf(url), { connectionsMax: 2, timeoutMs: 5000 })
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...asked: unknown[]) => unknown
    const altered = (asked: unknown, ...more: unknown[]) =>
      query(typeof asked === 'string' ? sent(asked) : asked, ...more)
    client.query = altered as typeof client.query
  })
  return pool
}
