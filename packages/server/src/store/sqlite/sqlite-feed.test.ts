import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NO_REVISION, type Revision } from '../../fence/change-feed.ts'
import { packedFence } from '../../fence/packed/packed-fence.ts'
import { inserted } from '../contract/contract-store.ts'
import type { Store } from '../store.ts'
import { DATABASE_FILE } from './database-file.ts'
import { openSqlite } from './open-sqlite.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-sqlite-'))
  store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const RESTRICTED = {
  domains: { enabled: true, entries: [{ value: 'example.com', subdomains: false, label: '' }] },
  ips: { enabled: false, entries: [] },
}

/** A file of SQLite holds values of any type in any column. */
test.each([
  ['tokens', 'metadata', "x'7b00ff'"],
  ['tokens', 'status', "x'ff'"],
  ['tokens', 'mode', '1'],
  ['tokens', 'not_before', "'soon'"],
  ['tokens', 'not_before', '1.5'],
  ['tokens', 'expires_at', "x'01'"],
  ['tokens', 'expires_at', '9e999'],
  ['tokens', 'domains_enabled', "'1'||'x'"],
  ['tokens', 'ips_enabled', "x'01'"],
  ['tokens', 'ips_enabled', '1.5'],
  ['secrets', 'ends_at', "'soon'"],
  ['secrets', 'ends_at', "x'01'"],
  ['entries', 'value', "x'ffff'"],
  ['entries', 'subdomains', "x'01'"],
  ['entries', 'subdomains', '2'],
])('%s.%s that became %s refuses its token and no other', async (table, column, value) => {
  const damaged = await inserted(store, { restrictions: RESTRICTED })
  const sound = await inserted(store)
  const beside = new DatabaseSync(join(folder, DATABASE_FILE))
  beside
    .prepare(
      `update ${table} set ${column} = ${value} where ${table === 'tokens' ? 'id' : 'token_id'} = ?`,
    )
    .run(damaged.id)
  beside.close()
  const { changes } = await store.feed.read(NO_REVISION, 10)
  const fence = packedFence()
  expect(changes.map((change) => [change.tokenId, fence.apply(change)])).toEqual([
    [damaged.id, false],
    [sound.id, true],
  ])
})

test('entries come in the order of their lists, however they were written', async () => {
  const entry = (value: string) => ({ value, subdomains: false, label: '' })
  const restrictions = {
    domains: { enabled: true, entries: ['c.com', 'a.com', 'b.com'].map(entry) },
    ips: { enabled: true, entries: ['8.8.8.8', '1.1.1.1'].map((value) => ({ value, label: '' })) },
  }
  const { id } = await inserted(store, { restrictions })
  const beside = new DatabaseSync(join(folder, DATABASE_FILE))
  beside.exec(`create temp table written as select * from entries; delete from entries;
    insert into entries select * from written order by list desc, position desc`)
  beside.close()
  const { changes } = await store.feed.read(NO_REVISION, 10)
  expect(changes).toMatchObject([{ tokenId: id, record: { restrictions } }])
})

test('a full page says where the next one begins before its changes are asked for', async () => {
  await inserted(store)
  await inserted(store)
  const [first, rest, none] = [
    await store.feed.read(NO_REVISION, 1),
    await store.feed.read(1 as Revision, 2),
    await store.feed.read(2 as Revision, 2),
  ]
  expect([first.next, rest.next, none.next]).toEqual([1, undefined, undefined])
  expect([first, rest, none].map(({ changes }) => changes.length)).toEqual([1, 1, 0])
})
