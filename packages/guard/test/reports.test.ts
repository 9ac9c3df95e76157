import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGuard, type Guard, type GuardAlarm } from '../src/index.ts'
import {
  KEY,
  page,
  reasonOf,
  type RunningFeed,
  saved,
  sends,
  startFeed,
  type TestWorld,
  testWorld,
} from './running-feed.ts'

let feed: RunningFeed
let world: TestWorld
let guard: Guard
let alarms: GuardAlarm[]

beforeEach(async () => {
  feed = await startFeed()
  world = testWorld()
  alarms = []
  const ips = { enabled: true, entries: ['9.9.9.9'] }
  const watched = saved(3, 'watched', { mode: 'report', ips })
  feed.reply = sends(page({ changes: [saved(1, 'open'), saved(2, 'closed', { ips }), watched] }))
  const options = { url: feed.url, key: KEY, onAlarm: (alarm: GuardAlarm) => alarms.push(alarm) }
  guard = await createGuard(options, world)
})
afterEach(async () => {
  await guard.close()
  await feed.close()
})

/** Ends the pause of whoever reports, which is the longer one. */
async function report(): Promise<void> {
  const next = world.nextPause()
  world.pauses.findLast(({ ms }) => ms >= 5000)?.end()
  await next
}

function bodies(): Record<string, unknown>[] {
  return feed.reported.map(({ body }) => JSON.parse(body))
}

describe('what was decided is reported', () => {
  test('in one batch: counts, what was seen, and refusals without a query', async () => {
    for (const token of ['open', 'open', 'closed', 'watched', 'nobody']) reasonOf(guard, token)
    await report()
    const minute = world.time.wall - (world.time.wall % 60_000)
    const seen = {
      kind: 'address',
      value: '8.8.8.8',
      firstAt: world.time.wall,
      lastAt: world.time.wall,
    }
    const refused = {
      requestId: expect.stringMatching(/^req_[A-Za-z0-9_-]{22}$/),
      refusedAt: world.time.wall,
      domain: null,
      method: 'GET',
      path: '/orders',
    }
    const notListed = { reason: 'ip_not_listed', source: 'server' }
    expect(bodies()).toEqual([
      {
        minute,
        counts: [
          {
            tokenId: 'tok_open',
            effect: 'allow',
            reason: 'unrestricted',
            source: 'server',
            count: 2,
          },
          { tokenId: 'tok_closed', effect: 'deny', ...notListed, count: 1 },
          { tokenId: 'tok_watched', effect: 'allow', ...notListed, count: 1 },
          { tokenId: null, effect: 'deny', reason: 'token_unknown', source: null, count: 1 },
        ],
        seen: [
          { tokenId: 'tok_open', ...seen, count: 2, allowed: 2 },
          { tokenId: 'tok_closed', ...seen, count: 1, allowed: 0 },
          { tokenId: 'tok_watched', ...seen, count: 1, allowed: 1 },
        ],
        refusals: [
          { ...refused, ...notListed, tokenId: 'tok_closed', address: '8.8.8.8', enforced: true },
          { ...refused, ...notListed, tokenId: 'tok_watched', address: '8.8.8.8', enforced: false },
          {
            ...refused,
            reason: 'token_unknown',
            source: null,
            tokenId: null,
            address: null,
            enforced: true,
          },
        ],
      },
    ])
  })

  test('each outcome and each value of one token in a row of its own, whatever their order', async () => {
    const key = ['Authorization', 'Bearer open']
    const one = [...key, 'Origin', 'https://one.example']
    const other = [...key, 'Origin', 'https://other.example']
    for (const fields of [one, key, other, one, ['Sec-Fetch-Site', 'none', ...key], other, one]) {
      guard.decide({ method: 'GET', target: '/', fields, peer: '8.8.8.8' })
    }
    await report()
    const [{ counts, seen } = {}] = bodies()
    const open = { tokenId: 'tok_open', effect: 'allow', reason: 'unrestricted' }
    expect(counts).toEqual([
      { ...open, source: 'browser', count: 6 },
      { ...open, source: 'server', count: 1 },
    ])
    expect(seen).toMatchObject([
      { kind: 'domain', value: 'one.example', count: 3, allowed: 3 },
      { kind: 'address', value: '8.8.8.8', count: 1 },
      { kind: 'domain', value: 'other.example', count: 2 },
      { kind: 'domain_missing', value: '', count: 1 },
    ])
  })

  test('again under the same name, until it is taken', async () => {
    reasonOf(guard, 'open')
    feed.reportStatus = 503
    await report()
    await report()
    feed.reportStatus = 200
    await report()
    await report()
    const [first, ...others] = feed.reported
    expect(others).toEqual([first, first])
    expect(first?.key).toMatch(/^[0-9a-f]{32}$/)
  })

  test('not again, if Keyfence refuses it for good', async () => {
    reasonOf(guard, 'open')
    feed.reportStatus = 400
    await report()
    await report()
    expect(feed.reported).toHaveLength(1)
    expect(alarms).toEqual([{ kind: 'activity_dropped', calls: 1 }])
  })

  test('each minute by itself, and in parts that Keyfence takes', async () => {
    reasonOf(guard, 'open')
    world.time.wall += 60_000
    for (let count = 0; count < 501; count++) reasonOf(guard, 'nobody')
    await report()
    const lengths = bodies().map(({ refusals }) => (refusals as unknown[]).length)
    expect(lengths).toEqual([0, 500, 1])
  })

  test('within bounds while Keyfence is away: the oldest is given up, and told', async () => {
    for (let minute = 0; minute < 34; minute++) {
      reasonOf(guard, 'open')
      world.time.wall += 60_000
    }
    feed.reportStatus = 503
    await report()
    const dropped = { kind: 'activity_dropped', calls: 1 }
    expect(alarms).toEqual([dropped, dropped])
  })

  test('at the end, too', async () => {
    reasonOf(guard, 'open')
    await guard.close()
    expect(feed.reported).toHaveLength(1)
  })
})
