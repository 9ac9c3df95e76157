/** When a follower reads the feed, how much at once, and what it tells of it; `follow.test.ts` has what it knows then. */
import type { TokenText } from '@keyfence/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashToken } from '../token/token.ts'
import type { FeedPage, Revision, TokenChange } from './change-feed.ts'
import type { Timers } from './clock.ts'
import { type FollowAlarm, follow, type FollowOptions, type Follower } from './follow.ts'
import { mapFence } from './map-fence.ts'
import { savedChange } from './saved-change-fixture.ts'

const POLL_MS = 1000

const feed = { epoch: 'first', changes: [] as TokenChange[], isLost: false }
/** What was asked for, and what else happened, in order. */
let happened: string[]
let alarms: FollowAlarm[]
/** What waits for the next poll. */
let waiting: { readonly ms: number; readonly wake: () => void; isEnded: boolean }[]
let time = 0
/** What a read waits for. */
let gate: Promise<void> | undefined
const followers: Follower[] = []

beforeEach(() => {
  Object.assign(feed, { epoch: 'first', changes: [], isLost: false })
  happened = []
  alarms = []
  waiting = []
  time = 0
  gate = undefined
})

afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.close()
})

const timers: Timers = {
  after: (ms, wake) => {
    const one = { ms, wake, isEnded: false }
    waiting.push(one)
    return () => void (one.isEnded = true)
  },
  nextTurn: async () => void happened.push('turn'),
}

async function read(after: Revision, limit: number): Promise<FeedPage> {
  happened.push(`read ${after}`)
  const { epoch, isLost } = feed
  const page = feed.changes.filter(({ revision }) => revision > after).slice(0, limit)
  const head = feed.changes.at(-1)?.revision ?? (0 as Revision)
  await gate
  if (isLost) throw new Error('lost')
  return {
    epoch,
    changes: page,
    head,
    next: page.length === limit ? page.at(-1)?.revision : undefined,
  }
}

function start(options: Partial<FollowOptions> = {}): Follower {
  const follower = follow({
    feed: { read },
    fence: mapFence(),
    clock: { now: () => time, monotonicMs: () => time },
    pollIntervalMs: POLL_MS,
    maxStalenessMs: 10 * POLL_MS,
    alarm: (alarm) => alarms.push(alarm),
    changed: (tokenId) => happened.push(tokenId),
    timers,
    ...options,
  })
  followers.push(follower)
  return follower
}

/** When everything that waits for nothing else has happened. */
function settled(): Promise<void> {
  return new Promise(setImmediate)
}

/** What may be passed through later. */
function closedGate(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  gate = promise
  return resolve
}

const tokenText = (at: number): TokenText => `kf_${at}` as TokenText

function change(at: number, domain?: string): TokenChange {
  const domains = domain === undefined ? [] : [domain]
  return savedChange({
    revision: at,
    tokenId: `tok_${at}`,
    hash: hashToken(tokenText(at)),
    domains,
  })
}

function changes(count: number): TokenChange[] {
  return Array.from({ length: count }, (_, at) => change(at + 1))
}

describe('turns', () => {
  test('the feed is read at once, and again after each interval from where it stood', async () => {
    feed.changes = changes(2)
    const follower = start()
    expect(follower.position).toBeUndefined()
    await settled()
    expect(happened).toEqual(['read 0', 'tok_1', 'tok_2'])
    expect(follower.position).toEqual({ epoch: 'first', revision: 2 })
    expect(waiting).toMatchObject([{ ms: POLL_MS }])
    feed.changes = changes(3)
    waiting[0]?.wake()
    await settled()
    expect(happened.slice(3)).toEqual(['read 2', 'tok_3'])
    expect(waiting).toHaveLength(2)
  })

  test('a failed one is told and tried again after the interval', async () => {
    feed.isLost = true
    let polls = 0
    const follower = start({ polled: () => void (polls += 1) })
    await follower.nextPoll()
    await settled()
    expect(alarms).toMatchObject([{ kind: 'poll_failed', error: { message: 'lost' } }])
    expect([polls, waiting.length]).toEqual([0, 1])
    feed.isLost = false
    waiting[0]?.wake()
    await follower.nextPoll()
    expect([polls, alarms.length]).toEqual([1, 1])
  })

  test('whoever waits for the next poll waits for one that is whole', async () => {
    const open = closedGate()
    const follower = start()
    let hasEnded = false
    void follower.nextPoll().then(() => (hasEnded = true))
    await settled()
    expect(hasEnded).toBe(false)
    open()
    await settled()
    expect(hasEnded).toBe(true)
  })

  test('catching up reads after the poll that runs: it may have read an older moment', async () => {
    const open = closedGate()
    const follower = start()
    await settled()
    feed.changes = changes(1)
    const caughtUp = follower.catchUp()
    await settled()
    expect(happened).toEqual(['read 0'])
    open()
    await caughtUp
    expect(happened).toEqual(['read 0', 'read 0', 'tok_1'])
  })

  test('closing waits for the poll that runs, and nothing follows it', async () => {
    const open = closedGate()
    const follower = start()
    await settled()
    let isClosed = false
    const closing = follower.close().then(() => (isClosed = true))
    await settled()
    expect(isClosed).toBe(false)
    open()
    await closing
    await settled()
    expect(waiting).toEqual([])
  })

  test('closing ends the waiting for the next poll', async () => {
    const follower = start()
    await settled()
    await follower.close()
    expect(waiting).toMatchObject([{ isEnded: true }])
  })
})

describe('announcements', () => {
  /** What announces, and whether anybody listens still. */
  function hints() {
    const heard = { look: () => {}, isStopped: false }
    const listen: NonNullable<FollowOptions['hints']>['listen'] = (look) => {
      heard.look = look
      return async () => void (heard.isStopped = true)
    }
    return { heard, listen }
  }

  test('each makes a poll, and those that come before it begins make one', async () => {
    const { heard, listen } = hints()
    start({ hints: { listen } })
    await settled()
    for (let count = 0; count < 3; count++) heard.look()
    await settled()
    expect(happened).toEqual(['read 0', 'read 0'])
    heard.look()
    await settled()
    expect(happened).toEqual(['read 0', 'read 0', 'read 0'])
    expect(waiting).toHaveLength(1)
  })

  test('while a poll runs they wait for its end', async () => {
    const open = closedGate()
    const { heard, listen } = hints()
    start({ hints: { listen } })
    await settled()
    heard.look()
    heard.look()
    await settled()
    expect(happened).toEqual(['read 0'])
    open()
    await settled()
    expect(happened).toEqual(['read 0', 'read 0'])
  })

  test('one whose poll fails ends nothing and tells nothing: the next turn does', async () => {
    const { heard, listen } = hints()
    const follower = start({ hints: { listen } })
    await settled()
    feed.isLost = true
    heard.look()
    await settled()
    heard.look()
    await settled()
    expect(alarms).toEqual([])
    expect(happened).toHaveLength(3)
    feed.isLost = false
    feed.changes = changes(1)
    await follower.catchUp()
    expect(follower.lookUp(tokenText(1)).state).toBe('known')
  })

  test('after the end nobody listens, and one that comes late is not followed', async () => {
    const { heard, listen } = hints()
    const follower = start({ hints: { listen } })
    await settled()
    await follower.close()
    expect(heard.isStopped).toBe(true)
    heard.look()
    await settled()
    expect(happened).toEqual(['read 0'])
  })
})

describe('portions', () => {
  const portions = { pageLength: 4, appliedAtOnce: 2 }

  test('the next page is read while one is applied, with a turn for others between two portions', async () => {
    feed.changes = changes(6)
    start({ portions })
    await settled()
    const first = ['read 0', 'read 4', 'turn', 'tok_1', 'tok_2', 'turn', 'tok_3', 'tok_4']
    expect(happened).toEqual([...first, 'tok_5', 'tok_6'])
  })

  test('behind a full page there may be another, and it is known as a whole', async () => {
    feed.changes = changes(4)
    let polls = 0
    start({ portions, polled: () => void (polls += 1) })
    await settled()
    expect(happened.filter((event) => event.startsWith('read'))).toEqual(['read 0', 'read 4'])
    expect(polls).toBe(1)
  })

  test('a page that fails while another is applied fails the poll, and nothing besides', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    feed.changes = changes(6)
    const follower = start({
      portions,
      timers: { ...timers, nextTurn: settled },
      feed: {
        read: async (after, limit) => {
          if (after > 0) throw new Error('lost')
          return read(after, limit)
        },
      },
    })
    await follower.nextPoll()
    await settled()
    process.off('unhandledRejection', note)
    expect(alarms).toMatchObject([{ kind: 'poll_failed', error: { message: 'lost' } }])
    expect(follower.position?.revision).toBe(4)
    expect(unhandled).toEqual([])
  })

  test('nothing is decided from a part of the first copy', async () => {
    feed.changes = changes(6)
    let open = () => {}
    const follower = start({
      portions,
      changed: () => {
        if (gate === undefined) open = closedGate()
      },
      feed: {
        read: async (after, limit) => {
          const page = await read(after, limit)
          if (after > 0) await gate
          return page
        },
      },
    })
    await settled()
    expect(follower.position?.revision).toBe(4)
    expect(follower.lookUp(tokenText(1)).state).toBe('unavailable')
    open()
    await settled()
    expect(follower.lookUp(tokenText(1)).state).toBe('known')
  })
})

describe('from a snapshot', () => {
  test('only what came after it is read', async () => {
    feed.changes = changes(3)
    const from = { epoch: 'first', revision: 2 as Revision }
    const follower = start({ from })
    expect(follower.position).toEqual(from)
    await settled()
    expect(happened).toEqual(['read 2', 'tok_3'])
  })

  test.each([
    { epoch: 'other', revision: 3, because: 'of another epoch' },
    { epoch: 'first', revision: 4, because: 'of a feed that was longer' },
  ])('$because everything is read anew', async ({ epoch, revision }) => {
    feed.changes = changes(3)
    const fence = mapFence()
    fence.apply(change(9))
    const follower = start({ fence, from: { epoch, revision: revision as Revision } })
    await settled()
    expect(happened).toEqual([`read ${revision}`, 'read 0', 'tok_1', 'tok_2', 'tok_3'])
    expect(follower.lookUp(tokenText(9)).state).toBe('unknown')
  })

  test('of the same feed at the same place nothing is read anew', async () => {
    feed.changes = changes(3)
    start({ from: { epoch: 'first', revision: 3 as Revision } })
    await settled()
    expect(happened).toEqual(['read 3'])
  })

  test('while everything is read anew nothing is decided', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let reads = 0
    feed.changes = changes(1)
    const follower = start({
      feed: {
        read: async (after, limit) => {
          if (++reads === 3) await promise
          return read(after, limit)
        },
      },
    })
    await settled()
    expect(follower.lookUp(tokenText(1)).state).toBe('known')
    feed.epoch = 'other'
    const caughtUp = follower.catchUp()
    await settled()
    expect(follower.freshness()).toEqual({ revision: 0, staleForMs: undefined, isFresh: false })
    expect(follower.lookUp(tokenText(1)).state).toBe('unavailable')
    resolve()
    await caughtUp
    expect(follower.lookUp(tokenText(1)).state).toBe('known')
    expect(follower.position).toEqual({ epoch: 'other', revision: 1 })
  })
})

test('a copy is as old as the poll that it comes from, from its beginning', async () => {
  const open = closedGate()
  const follower = start()
  await settled()
  expect(follower.freshness()).toEqual({ revision: 0, staleForMs: undefined, isFresh: false })
  time = 300
  open()
  await settled()
  expect(follower.freshness()).toEqual({ revision: 0, staleForMs: 300, isFresh: true })
  time = 10 * POLL_MS
  expect(follower.freshness().isFresh).toBe(true)
  time += 1
  expect(follower.freshness().isFresh).toBe(false)
})

test('a damaged record is told with what is damaged', async () => {
  const { revision, tokenId, owner, secrets } = change(2)
  feed.changes = [
    change(1, 'not a domain'),
    { revision, tokenId, owner, secrets, kind: 'unreadable', because: 'status' },
  ]
  start()
  await settled()
  expect(alarms).toEqual([
    { kind: 'record_unreadable', tokenId: 'tok_1', because: 'restrictions' },
    { kind: 'record_unreadable', tokenId: 'tok_2', because: 'status' },
  ])
})
