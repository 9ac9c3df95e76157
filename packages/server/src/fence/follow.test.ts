import { type TokenText, UNRESTRICTED } from '@keyfence/core'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'
import { saveChangedToken } from '../token/change-context.ts'
import { type IssuedToken, issueToken } from '../token/issue-token.ts'
import { rotateToken } from '../token/rotate-token.ts'
import type { Token } from '../token/token.ts'
import { type FeedReader, NO_REVISION } from './change-feed.ts'
import { packedFence } from './packed/packed-fence.ts'
import { type FollowAlarm, type Follower, follow } from './follow.ts'

const MINUTE = 60_000

let folder: string
let store: Store
const followers: Follower[] = []
const time = { wall: 1_800_000_000_000, monotonic: 5_000 }
const clock = { now: () => time.wall, monotonicMs: () => time.monotonic }
const context = () => ({
  actor: 'operator',
  now: time.wall,
  random: randomBytes,
  tokenPrefix: 'kf_',
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-follow-'))
  store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
})

afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A follower that polls only when asked to. */
function startFollower(feed: FeedReader = store.feed): {
  follower: Follower
  alarms: FollowAlarm[]
} {
  const alarms: FollowAlarm[] = []
  const follower = follow({
    feed,
    fence: packedFence(),
    clock,
    pollIntervalMs: 1_000_000,
    maxStalenessMs: MINUTE,
    alarm: (alarm) => alarms.push(alarm),
    changed: () => {},
  })
  followers.push(follower)
  return { follower, alarms }
}

function issue(): Promise<IssuedToken> {
  return store.transact((transaction) =>
    issueToken(
      transaction,
      {
        name: 'shop',
        owner: 'acme',
        metadata: {},
        notBefore: undefined,
        expiresAt: undefined,
        mode: 'enforce',
        restrictions: UNRESTRICTED,
      },
      context(),
    ),
  )
}

function save(token: Token, change: Partial<Token>): Promise<Token> {
  return store.transact((transaction) =>
    saveChangedToken(
      transaction,
      { ...token, ...change },
      {
        context: context(),
        note: { action: 'token.change', details: {} },
      },
    ),
  )
}

/** Runs SQL beside the store, as a damaged disk or another program might. */
function tamper(sql: string): void {
  const database = new DatabaseSync(join(folder, 'keyfence.db'))
  database.exec(sql)
  database.close()
}

describe('what a follower says of tokens', () => {
  test('before the first copy nothing is known, so nothing is allowed', async () => {
    const { secret } = await issue()
    const never = new Promise<never>(() => {})
    const { follower } = startFollower({ read: () => never })
    expect(follower.lookUp(secret).state).toBe('unavailable')
    followers.length = 0
  })

  test('a change is known as soon as catchUp resolves', async () => {
    const { follower } = startFollower()
    const { token, secret } = await issue()
    await follower.catchUp()
    expect(follower.lookUp(secret)).toMatchObject({ state: 'known', policy: { owner: 'acme' } })
    await save(token, { status: 'revoked' })
    await follower.catchUp()
    expect(follower.lookUp(secret)).toMatchObject({ policy: { life: { status: 'revoked' } } })
  })

  test('a deleted token is unknown, and so is one that never was', async () => {
    const { follower } = startFollower()
    const { token, secret } = await issue()
    await follower.catchUp()
    await store.transact(async ({ tokens }) => {
      await tokens.remove(token.id)
      await tokens.recordChange(token, time.wall)
    })
    await follower.catchUp()
    expect(follower.lookUp(secret).state).toBe('unknown')
    expect(follower.lookUp('kf_never' as TokenText).state).toBe('unknown')
  })

  test('rotated secrets are known with the moment they end', async () => {
    const { follower } = startFollower()
    const { token, secret } = await issue()
    const rotated = await store.transact((transaction) =>
      rotateToken(transaction, { token, overlapMs: MINUTE }, context()),
    )
    await follower.catchUp()
    expect(follower.lookUp(secret)).toMatchObject({ secretEndsAt: time.wall + MINUTE })
    expect(follower.lookUp(rotated.secret)).toMatchObject({ secretEndsAt: undefined })
  })

  test('more changes than a page are all applied', async () => {
    const issued = await issue()
    tamper(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 4100)
      insert into secrets select printf('%064x', i), 'tok_' || i, 0, null from n;
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 4100)
      insert into changes (token_id, created_at) select 'tok_' || i, 0 from n`)
    const { follower } = startFollower()
    await follower.catchUp()
    expect(follower.freshness().revision).toBe(4101)
    expect(follower.lookUp(issued.secret).state).toBe('known')
  })
})

describe('what goes wrong costs as little as it can', () => {
  test.each([
    { sql: "update tokens set metadata = '{'", because: 'metadata that is no JSON' },
    { sql: `update tokens set metadata = '{"a":1}'`, because: 'metadata that is not text' },
    { sql: "update tokens set status = 'odd'", because: 'a status that is none' },
    { sql: "update tokens set mode = 'odd'", because: 'a mode that is none' },
    {
      sql: "insert into entries select id, 'domains', 0, 'not a domain', 0, '' from tokens",
      because: 'an entry that could not have been saved',
    },
  ])('a damaged record ($because) denies its token alone', async ({ sql }) => {
    const damaged = await issue()
    tamper(sql)
    const sound = await issue()
    const { follower, alarms } = startFollower()
    await follower.catchUp()
    expect(alarms).toMatchObject([{ kind: 'record_unreadable', tokenId: damaged.token.id }])
    expect(follower.lookUp(damaged.secret).state).toBe('unreadable')
    expect(follower.lookUp(sound.secret).state).toBe('known')
  })

  test('a failing store harms no known token until the copy is too old', async () => {
    const { secret } = await issue()
    let isLost = false
    const { follower, alarms } = startFollower({
      read: (after, limit) =>
        isLost ? Promise.reject(new Error('lost')) : store.feed.read(after, limit),
    })
    await follower.catchUp()
    isLost = true
    await expect(follower.catchUp()).rejects.toThrow('lost')
    time.monotonic += MINUTE
    time.wall += MINUTE
    expect(follower.lookUp(secret).state).toBe('known')
    time.monotonic += 1
    expect(follower.lookUp(secret).state).toBe('unavailable')
    isLost = false
    await follower.catchUp()
    expect(follower.lookUp(secret).state).toBe('known')
    expect(alarms).toEqual([])
  })

  test('a store that fails while a page is applied is tried again, and ends nothing', async () => {
    const { secret } = await issue()
    const page = await store.feed.read(NO_REVISION, 1)
    const change = page.changes[0]
    if (change === undefined) throw new Error('the token is in the feed')
    let isLost = true
    const { follower } = startFollower({
      read: async (after, limit) => {
        if (isLost && after !== NO_REVISION) throw new Error('lost')
        if (isLost) return { ...page, changes: Array.from({ length: limit }, () => change) }
        return store.feed.read(after, limit)
      },
    })
    await expect(follower.catchUp()).rejects.toThrow('lost')
    isLost = false
    await follower.catchUp()
    expect(follower.lookUp(secret).state).toBe('known')
  })

  test.each([
    { wall: -60 * MINUTE, monotonic: MINUTE + 1, because: 'the wall clock leapt back' },
    { wall: MINUTE + 1, monotonic: 0, because: 'the machine slept' },
  ])('an old copy stays too old: $because', async ({ wall, monotonic }) => {
    const { secret } = await issue()
    const { follower } = startFollower()
    await follower.catchUp()
    time.wall += wall
    time.monotonic += monotonic
    expect(follower.lookUp(secret).state).toBe('unavailable')
  })

  test.each([
    { sql: "update meta set value = 'other'", because: 'the epoch is another' },
    { sql: 'delete from changes where revision > 1', because: 'the feed went back' },
  ])('after a restore everything is read anew ($because)', async ({ sql }) => {
    const kept = await issue()
    const lost = await issue()
    const { follower } = startFollower()
    await follower.catchUp()
    tamper(`delete from tokens where id = '${lost.token.id}';
      delete from secrets where token_id = '${lost.token.id}'; ${sql};
      delete from changes where token_id = '${lost.token.id}'`)
    await follower.catchUp()
    expect(follower.lookUp(lost.secret).state).toBe('unknown')
    expect(follower.lookUp(kept.secret).state).toBe('known')
  })
})
