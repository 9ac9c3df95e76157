import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Restrictions, type TokenText, UNRESTRICTED } from '@keyfence/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import type { Fence } from '../../fence/fence.ts'
import { packedFence } from '../../fence/packed/packed-fence.ts'
import { type NewToken, issueToken } from '../../token/issue-token.ts'
import type { Store } from '../store.ts'
import { copySqlite } from './copy-sqlite.ts'
import { DATABASE_FILE } from './database-file.ts'
import { openSqlite } from './open-sqlite.ts'

const NOW = 1_800_000_000_000

let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-copy-'))
  store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const file = () => join(folder, DATABASE_FILE)

const DRAFT: NewToken = {
  name: 'shop',
  owner: 'acme',
  metadata: {},
  notBefore: undefined,
  expiresAt: undefined,
  mode: 'enforce',
  restrictions: UNRESTRICTED,
}

const LISTED: Restrictions = {
  domains: {
    enabled: true,
    entries: [
      { value: 'shop.example.com', subdomains: true, label: 'shop' },
      { value: '*.example.net', subdomains: false, label: '' },
    ],
  },
  ips: { enabled: true, entries: [{ value: '2001:db8::/48', label: '' }] },
}

const issue = (draft: Partial<NewToken> = {}) =>
  store.transact((transaction) =>
    issueToken(
      transaction,
      { ...DRAFT, ...draft },
      { actor: 'operator', now: NOW, random: randomBytes, tokenPrefix: 'kf_' },
    ),
  )

/** Changes the file behind the store's back. */
function damage(sql: string): void {
  const database = new DatabaseSync(file())
  database.exec(sql)
  database.close()
}

async function copied(): Promise<Fence> {
  const copy = await copySqlite(file())
  if (copy === undefined) throw new Error('there was no copy')
  return packedFence({ image: copy.image })
}

async function followed(): Promise<Fence> {
  const fence = packedFence()
  for (const change of (await store.feed.read(NO_REVISION, 1000)).changes) fence.apply(change)
  return fence
}

/** All that a fence says of a token, as far as it can be compared. */
function said(fence: Fence, token: TokenText) {
  const found = fence.lookUp(token)
  if (found.state !== 'known') return found
  const { tokenId, owner, metadata, mode, life, restrictions } = found.policy
  const { status, notBefore, expiresAt } = life
  const { domains, ips } = restrictions
  const matches = (list: typeof domains | typeof ips, values: readonly unknown[]) =>
    list.mode === 'off'
      ? 'off'
      : [list.isEmpty, ...values.map((value) => (list.matches as (of: unknown) => boolean)(value))]
  const ip = { version: 6, words: [0x20010db8, 0, 0, 1] }
  return {
    tokenId,
    owner,
    metadata,
    mode,
    status,
    notBefore,
    expiresAt,
    secretEndsAt: found.secretEndsAt,
    domains: matches(domains, [
      'shop.example.com',
      'a.shop.example.com',
      'example.net',
      'a.example.net',
    ]),
    ips: matches(ips, [ip, { ...ip, words: [1, 2, 3, 4] }]),
  }
}

describe('a whole copy', () => {
  test('says of every token what the feed leads to, and where in the feed that is', async () => {
    const issued = [
      await issue(),
      await issue({ restrictions: LISTED, metadata: { plan: 'pro' } }),
      await issue({ owner: 'zoé', mode: 'report', notBefore: NOW - 1, expiresAt: NOW + 9 }),
      await issue({ restrictions: { ...UNRESTRICTED, ips: { enabled: true, entries: [] } } }),
    ]
    const removed = await issue({ restrictions: LISTED })
    await store.transact(async ({ tokens }) => {
      await tokens.remove(removed.token.id)
      await tokens.recordChange(removed.token.id, NOW)
    })
    const last = await issue({ restrictions: LISTED })
    const [fence, other] = [await copied(), await followed()]
    for (const { secret } of [...issued, removed, last]) {
      expect(said(fence, secret)).toEqual(said(other, secret))
    }
    expect(said(fence, removed.secret)).toEqual({ state: 'unknown' })
    expect(said(fence, last.secret)).toMatchObject({ domains: [false, true, true, false, true] })
    const { epoch, head } = await store.feed.read(NO_REVISION, 1)
    expect((await copySqlite(file()))?.position).toEqual({ epoch, revision: head })
  })

  test('has every secret of a token, with its end', async () => {
    const { token, secret } = await issue()
    const [stored] = await store.tokens.secretsOf(token.id)
    await store.transact(({ tokens }) => tokens.endSecret(stored?.hash ?? fail(), NOW + 5))
    expect((await copied()).lookUp(secret)).toMatchObject({ state: 'known', secretEndsAt: NOW + 5 })
  })

  test.each([
    { sql: `update tokens set metadata = '{' where id = ?`, because: 'metadata' },
    { sql: `update tokens set status = 'odd' where id = ?`, because: 'status' },
    { sql: `update entries set value = 'no domain' where token_id = ?`, because: 'restrictions' },
  ])('refuses the one token whose $because is damaged, and names it', async ({ sql, because }) => {
    const damaged = await issue({ restrictions: LISTED })
    const sound = await issue({ restrictions: LISTED })
    damage(sql.replace('?', `'${damaged.token.id}'`))
    const copy = await copySqlite(file())
    expect(copy?.unreadable).toEqual([{ tokenId: damaged.token.id, because }])
    const fence = await copied()
    expect(fence.lookUp(damaged.secret)).toEqual({ state: 'unreadable' })
    expect(fence.lookUp(sound.secret)).toMatchObject({ state: 'known' })
  })
})

describe('there is none, and the feed is read, where', () => {
  test.each([
    {
      sql: `update entries set token_id = 'tok_' || token_id`,
      because: 'an entry belongs to no token',
    },
    {
      sql: `update tokens set id = 'tök'; update entries set token_id = 'tök'`,
      because: 'an id has another order there than here',
    },
  ])('$because', async ({ sql }) => {
    await issue({ restrictions: LISTED })
    damage(sql)
    expect(await copySqlite(file())).toBeUndefined()
  })

  test('the file cannot be read: it says why', async () => {
    damage('drop table entries')
    await expect(copySqlite(file())).rejects.toThrow(/no such table: entries/)
  })
})

function fail(): never {
  throw new Error('there is no secret')
}
