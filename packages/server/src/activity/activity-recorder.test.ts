import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TokenId } from '../identifier/identifier.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import type { Store } from '../store/store.ts'
import { type ActivityRecorder, recordActivity } from './activity-recorder.ts'
import { SPANS_MS } from './call-count.ts'
import { storeActivity } from './store-activity.ts'
import { nextRequestId, observed, TEST_TOKEN, type TestRequest } from './observed.ts'

const NOON = Date.parse('2026-11-24T12:00:00Z')
const { minute, hour, day } = SPANS_MS

let folder: string
let store: Store
let recorder: ActivityRecorder
let time: { wall: number; monotonic: number }
let logged: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-activity-'))
  store = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  time = { wall: NOON, monotonic: 1000 }
  logged = []
  recorder = startRecorder()
})
afterEach(async () => {
  await recorder.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function startRecorder(writeIntervalMs = 1_000_000): ActivityRecorder {
  const clock = { now: () => time.wall, monotonicMs: () => time.monotonic }
  const settings = { activityDays: 30, refusalsPerTokenMax: 100, activityQueueMax: 1000 }
  return recordActivity({
    sink: storeActivity(store, clock, settings),
    clock,
    requestId: nextRequestId,
    settings,
    log: {
      warn: (_facts, message) => logged.push(message),
      error: (_facts, message) => logged.push(message),
    },
    writeIntervalMs,
  })
}

/** Runs one statement on a connection of its own, past the store. */
function runBeside(statement: string): void {
  const other = new DatabaseSync(join(folder, DATABASE_FILE))
  other.exec(statement)
  other.close()
}

/** The store fails from here on to `mend`, as it would with a damaged file. */
const breakStore = () => runBeside('alter table seen_values rename to hidden')
const mendStore = () => runBeside('alter table hidden rename to seen_values')

function observe(request: TestRequest = {}): void {
  recorder.observe(observed(request, time.wall))
}

async function callsCounted(tokenId: TokenId = TEST_TOKEN): Promise<number> {
  const range = { since: 0, until: time.wall + day }
  const counts = await store.activity.counts(tokenId, range, day)
  return counts.reduce((sum, { count }) => sum + count, 0)
}

describe('what was observed', () => {
  test('is in the store once it is flushed, in every table', async () => {
    observe({ token: 'none', requestId: 'req_a' })
    observe({ peer: '8.8.4.4' })
    expect(await store.activity.findRefusal('req_a')).toBeUndefined()
    await recorder.flush()
    expect(await store.activity.findRefusal('req_a')).toMatchObject({ reason: 'token_missing' })
    expect(await callsCounted()).toBe(1)
    expect(await store.activity.seen(TEST_TOKEN)).toMatchObject([{ value: '8.8.4.4', count: 1 }])
  })

  test('adds up over flushes, and is written once', async () => {
    for (let call = 0; call < 3; call++) {
      observe()
      await Promise.all([recorder.flush(), recorder.flush()])
    }
    expect(await callsCounted()).toBe(3)
    expect(await store.activity.seen(TEST_TOKEN)).toMatchObject([{ count: 3, allowed: 3 }])
  })

  test('is written by itself before long', async () => {
    await recorder.close()
    recorder = startRecorder(1)
    observe()
    await expect.poll(() => callsCounted()).toBe(1)
  })

  test('is written when the node stops', async () => {
    observe()
    await recorder.close()
    expect(await callsCounted()).toBe(1)
  })
})

describe('a store that fails', () => {
  beforeEach(breakStore)

  test('costs nothing that was observed once it is back', async () => {
    observe({ token: 'none', requestId: 'req_during' })
    await recorder.flush()
    observe()
    time.wall += minute
    observe()
    mendStore()
    time.monotonic += 60_000
    await recorder.flush()
    expect(await store.activity.findRefusal('req_during')).toBeDefined()
    expect(await callsCounted()).toBe(2)
    expect(recorder.dropped).toEqual({ refusals: 0, counts: 0, seen: 0 })
  })

  test('leaves no half of a batch behind', async () => {
    observe()
    await recorder.flush()
    mendStore()
    expect(await callsCounted()).toBe(0)
  })

  test('is left alone between two attempts, which come ever later', async () => {
    observe()
    const pauses: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = logged.length
      const began = time.monotonic
      for (; logged.length === before; time.monotonic += 500) await recorder.flush()
      pauses.push(time.monotonic - 500 - began)
    }
    expect(pauses).toEqual([0, 500, 1500, 3500])
  })

  test('gets a batch eight times; then it is given up, counted and logged', async () => {
    observe({ status: 'revoked' })
    observe()
    for (let attempt = 1; attempt <= 8; attempt++) {
      expect(recorder.dropped.counts).toBe(0)
      await recorder.flush()
      time.monotonic += 60_000
    }
    expect(recorder.dropped).toEqual({ refusals: 1, counts: 2, seen: 1 })
    expect(logged.at(-1)).toBe('a batch of activity was given up')
    mendStore()
    observe()
    await recorder.flush()
    expect(await callsCounted()).toBe(1)
  })

  test('does not keep the node from stopping; what is lost is counted', async () => {
    observe()
    await recorder.close()
    expect(recorder.dropped).toMatchObject({ counts: 1 })
    mendStore()
  })

  test('never lets memory grow: refusals beyond the limit are counted at once', async () => {
    await recorder.flush()
    for (let call = 0; call < 1100; call++) {
      const tokenId = `tok_${call}` as TokenId // nobody parses it here
      observe({ status: 'revoked', tokenId })
    }
    expect(recorder.dropped).toMatchObject({ refusals: 100, counts: 0 })
    mendStore()
  })
})

describe('what is old', () => {
  const ago = async (ms: number, request: TestRequest = {}) => {
    time.wall = NOON - ms
    observe(request)
    await recorder.flush()
    time.wall = NOON
  }

  test('refusals and what was seen are forgotten after 30 days, and no earlier', async () => {
    await ago(32 * day, { status: 'revoked', requestId: 'req_old', peer: '8.8.4.4' })
    await ago(32 * day, { peer: '8.8.4.4' })
    await ago(30 * day, { status: 'revoked', requestId: 'req_kept' })
    await ago(30 * day, { peer: '8.8.8.8' })
    await recorder.forget()
    expect(await store.activity.findRefusal('req_old')).toBeUndefined()
    expect(await store.activity.findRefusal('req_kept')).toBeDefined()
    const seen = await store.activity.seen(TEST_TOKEN)
    expect(seen.map(({ value }) => value)).toEqual(['8.8.8.8'])
  })

  test.each<{ ageMs: number; startsAt: number | undefined; because: string }>([
    { ageMs: 402 * day, startsAt: undefined, because: 'after 400 days no longer' },
    { ageMs: 390 * day, startsAt: NOON - 390 * day - 12 * hour, because: 'then by the day' },
    { ageMs: 32 * day + 1, startsAt: NOON - 32 * day - 12 * hour, because: 'after 30 days' },
    { ageMs: 29 * day - minute, startsAt: NOON - 29 * day, because: 'then by the hour' },
    { ageMs: 2 * day + 1, startsAt: NOON - 2 * day - hour, because: 'after two days' },
    { ageMs: 2 * day - minute, startsAt: NOON - 2 * day + minute, because: 'by the minute' },
  ])('calls of $ageMs ms ago are counted: $because', async ({ ageMs, startsAt }) => {
    await ago(ageMs)
    await ago(ageMs)
    for (let turn = 0; turn < 2; turn++) await recorder.forget()
    const counts = await store.activity.counts(TEST_TOKEN, { since: 0, until: NOON }, minute)
    const gives = startsAt === undefined ? [] : [[startsAt, 2]]
    expect(counts.map((row) => [row.startsAt, row.count])).toEqual(gives)
  })

  test('is forgotten by itself every minute', async () => {
    await ago(40 * day, { status: 'revoked', requestId: 'req_old' })
    await recorder.close()
    recorder = startRecorder(1)
    time.monotonic += 60_000
    await expect.poll(() => store.activity.findRefusal('req_old')).toBeUndefined()
  })

  test('a store that fails is told of, and forgetting goes on another time', async () => {
    breakStore()
    await recorder.forget()
    expect(logged).toEqual(['recording activity failed'])
    mendStore()
    await recorder.forget()
    expect(logged).toHaveLength(1)
  })
})
