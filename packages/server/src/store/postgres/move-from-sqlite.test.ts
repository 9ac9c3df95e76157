import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import { insert, inserted, newToken, NOW } from '../contract/contract-store.ts'
import { MINUTE, record } from '../contract/recorded.ts'
import { DATABASE_FILE } from '../sqlite/database-file.ts'
import { openSqlite } from '../sqlite/open-sqlite.ts'
import { moveFromSqlite } from './move-from-sqlite.ts'
import { MOVED_TABLES } from './moved-tables.ts'
import { openPostgresAt, placeOf } from './postgres-fixture.ts'
import { type RunningPostgres, startPostgres } from './running-postgres.ts'

let server: RunningPostgres
let folder: string
let url: string
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-move-'))
  url = await server.createDatabase()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const openSource = () => openSqlite({ folder, random: randomBytes, progress: () => {} })

const openTarget = () => openPostgresAt(url)

const move = (progress: (moved: number, total: number) => void = () => {}) =>
  moveFromSqlite({ folder, place: placeOf(url), progress })

/** A store with some of everything; its newest token, and the hash of a deleted one. */
async function fillSource() {
  const source = await openSource()
  const on = { enabled: true, entries: [{ value: 'example.com', subdomains: true, label: 'ü' }] }
  const ips = { enabled: true, entries: [{ value: '8.8.8.8', label: '' }] }
  const token = await inserted(source, { restrictions: { domains: on, ips }, lastUsedAt: NOW })
  const removed = newToken()
  const hash = await source.transact((transaction) => insert(transaction, removed))
  await source.transact(async ({ tokens }) => {
    await tokens.remove(removed.id)
    await tokens.recordChange(removed, NOW)
  })
  const call = { effect: 'allow', reason: 'domain_listed', source: 'browser', count: 3 } as const
  await record(source, { minute: MINUTE, counts: [{ tokenId: token.id, ...call }] })
  await source.close()
  return { token, removed, hash }
}

describe('a move from SQLite', () => {
  test('brings everything, and goes on behind it', async () => {
    const { token, removed, hash } = await fillSource()
    const steps: (readonly [number, number])[] = []
    const rows = await move((moved, total) => steps.push([moved, total]))
    expect(rows).toMatchObject({ tokens: 1, secrets: 2, entries: 2, changes: 2, outcome_counts: 1 })
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
    expect(steps.at(-1)).toEqual([total, total])
    const store = await openTarget()
    expect(await store.tokens.find(token.id)).toEqual(token)
    expect(await store.tokens.knownHashes([hash])).toEqual(new Set([hash]))
    const { changes, head } = await store.feed.read(NO_REVISION, 9)
    expect(changes).toMatchObject([
      { kind: 'saved', tokenId: token.id, record: { restrictions: token.restrictions } },
      { kind: 'removed', tokenId: removed.id, secrets: [{ hash }] },
    ])
    const next = await inserted(store)
    const after = await store.feed.read(head, 9)
    expect(after.changes.map(({ tokenId }) => tokenId)).toEqual([next.id])
    await store.close()
  })

  test('knows every table there is', async () => {
    await (await openSource()).close()
    const database = new DatabaseSync(join(folder, DATABASE_FILE))
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
    database.close()
    const own = tables.map(({ name }) => String(name)).filter((name) => !name.startsWith('sqlite_'))
    const others = new Set(['meta', 'schema_version', 'nodes'])
    expect(own.filter((name) => !others.has(name)).sort()).toEqual([...MOVED_TABLES].sort())
  })

  test('that was interrupted keeps nodes out, goes on where it stopped, and repeats nothing', async () => {
    const { token } = await fillSource()
    const stopped = move((moved) => {
      if (moved >= 3) throw new RangeError('killed')
    })
    await expect(stopped).rejects.toThrow('killed')
    await expect(openTarget()).rejects.toThrow('has not ended')
    const steps: number[] = []
    await move((moved) => steps.push(moved))
    expect(steps[0]).toBeGreaterThanOrEqual(3)
    const store = await openTarget()
    expect(await store.tokens.find(token.id)).toEqual(token)
    await store.close()
  })

  test('begins again where the source has changed since', async () => {
    const { token } = await fillSource()
    const stopped = move((moved) => {
      if (moved >= 3) throw new RangeError('killed')
    })
    await expect(stopped).rejects.toThrow('killed')
    const source = await openSource()
    await source.transact(async ({ tokens }) => {
      await tokens.update({ ...token, status: 'revoked', version: 2 })
      await tokens.recordChange(token, NOW)
    })
    await source.close()
    await move()
    const store = await openTarget()
    expect((await store.tokens.find(token.id))?.status).toBe('revoked')
    await store.close()
  })
})

describe('a move is refused', () => {
  test('into a database that is in use, which keeps what it has', async () => {
    await fillSource()
    const target = await openTarget()
    const there = await inserted(target)
    await expect(move()).rejects.toThrow('in use already')
    expect(await target.tokens.find(there.id)).toEqual(there)
    await target.close()
  })

  test('while a node has the source open', async () => {
    const source = await openSource()
    await inserted(source)
    await expect(move()).rejects.toThrow('stop it first')
    await source.close()
  })

  test('from a folder without a store', async () => {
    await expect(move()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('where the counts differ at the end, and no node opens what came', async () => {
    await fillSource()
    const stopped = move((moved) => {
      if (moved >= 5) throw new RangeError('killed')
    })
    await expect(stopped).rejects.toThrow('killed')
    await server.run(url, 'delete from secrets')
    await expect(move()).rejects.toThrow('secrets has 0 rows, and its source 2')
    await expect(openTarget()).rejects.toThrow('has not ended')
  })
})
