import { describe, expect, test } from 'vitest'
import type { BatchSeen } from '../../activity/activity-batch.ts'
import { type CallOutcome, type SpanMs, SPANS_MS } from '../../activity/call-count.ts'
import { SEEN_VALUES_MAX } from '../../activity/seen.ts'
import { NO_REVISION } from '../../fence/change-feed.ts'
import type { Store } from '../store.ts'
import { type ContractAt, inserted, newToken, NOW } from './contract-store.ts'
import { MINUTE, OTHER_TOKEN, record, TOKEN } from './recorded.ts'

const DAY = NOW - (NOW % SPANS_MS.day)

const allowed = { effect: 'allow', reason: 'domain_listed', source: 'browser' } as const
const denied = { effect: 'deny', reason: 'ip_not_listed', source: 'server' } as const

const ALWAYS = { since: 0, until: NOW * 2 }

function countsOf(store: Store, spanMs: SpanMs, range = ALWAYS) {
  return store.activity.counts(TOKEN, range, spanMs)
}

function count(
  store: Store,
  {
    minute,
    times = 1,
    outcome = allowed,
  }: { minute: number; times?: number; outcome?: CallOutcome },
): Promise<void> {
  return record(store, { minute, counts: [{ tokenId: TOKEN, ...outcome, count: times }] })
}

/** What every store does with counts. */
export function countContract({ store }: ContractAt): void {
  describe('counts', () => {
    test('batches of one minute add up by token and outcome', async () => {
      const unknown = { effect: 'deny', reason: 'token_missing', source: undefined } as const
      const counts = [
        { tokenId: TOKEN, ...allowed, count: 2 },
        { tokenId: TOKEN, ...denied, count: 1 },
        { tokenId: OTHER_TOKEN, ...allowed, count: 7 },
        { tokenId: undefined, ...unknown, count: 9 },
      ]
      await record(store(), { counts })
      await record(store(), { counts })
      expect(new Set(await countsOf(store(), SPANS_MS.minute))).toEqual(
        new Set([
          { ...allowed, startsAt: MINUTE, count: 4 },
          { ...denied, startsAt: MINUTE, count: 2 },
        ]),
      )
    })

    test('a batch that names one outcome or value twice counts both', async () => {
      const twice = { tokenId: TOKEN, ...allowed, count: 2 }
      const value = { firstAt: NOW, lastAt: NOW, count: 3, allowed: 1 }
      const seen = newSeen('a.com', value)
      await record(store(), { counts: [twice, twice], seen: [seen, { ...seen, lastAt: NOW + 1 }] })
      expect(await countsOf(store(), SPANS_MS.minute)).toEqual([
        { ...allowed, startsAt: MINUTE, count: 4 },
      ])
      expect(await store().activity.seen(TOKEN)).toEqual([
        { kind: 'domain', value: 'a.com', count: 6, allowed: 2, firstAt: NOW, lastAt: NOW + 1 },
      ])
    })

    test('a range holds its beginning and not its end, in spans as asked for', async () => {
      for (const [at, minute] of [0, 59, 60, 119].entries()) {
        await count(store(), { minute: DAY + minute * SPANS_MS.minute, times: 10 ** at })
      }
      const range = { since: DAY + 59 * SPANS_MS.minute, until: DAY + 119 * SPANS_MS.minute }
      expect(await countsOf(store(), SPANS_MS.hour, range)).toEqual([
        { ...allowed, startsAt: DAY, count: 10 },
        { ...allowed, startsAt: DAY + SPANS_MS.hour, count: 100 },
      ])
      expect(await countsOf(store(), SPANS_MS.day)).toEqual([
        { ...allowed, startsAt: DAY, count: 1111 },
      ])
    })

    test('a longer span that goes into the range is counted whole', async () => {
      await count(store(), { minute: DAY + 5 * SPANS_MS.minute, times: 3 })
      const spans = { from: SPANS_MS.minute, to: SPANS_MS.hour }
      await store().transact(({ activity }) => activity.sumUpCounts(spans, NOW * 2, 9))
      const gives = [{ ...allowed, startsAt: DAY, count: 3 }]
      const until = DAY + SPANS_MS.day
      const into = { since: DAY + SPANS_MS.hour - 1, until }
      expect(await countsOf(store(), SPANS_MS.minute, into)).toEqual(gives)
      expect(
        await countsOf(store(), SPANS_MS.minute, { since: DAY + SPANS_MS.hour, until }),
      ).toEqual([])
      expect(await countsOf(store(), SPANS_MS.minute, { since: DAY - 1, until: DAY })).toEqual([])
    })
  })
}

/** What becomes of old counts in every store. */
export function oldCountContract({ store }: ContractAt): void {
  describe('old counts', () => {
    test('summing up loses no call, in however many steps, and leaves newer ones alone', async () => {
      for (let minute = 0; minute < 70; minute++) {
        const outcome = minute % 2 === 0 ? allowed : denied
        await count(store(), { minute: DAY + minute * SPANS_MS.minute, outcome })
      }
      const before = DAY + SPANS_MS.hour
      const spans = { from: SPANS_MS.minute, to: SPANS_MS.hour }
      const sumUp = () =>
        store().transact(({ activity }) => activity.sumUpCounts(spans, before, 25))
      expect([await sumUp(), await sumUp(), await sumUp(), await sumUp()]).toEqual([25, 25, 10, 0])
      const counts = await countsOf(store(), SPANS_MS.minute)
      expect(counts).toHaveLength(2 + 10)
      expect(counts.slice(0, 2).map((row) => [row.startsAt, row.count])).toEqual([
        [DAY, 30],
        [DAY, 30],
      ])
      expect(counts.slice(2).every((row) => row.startsAt >= before && row.count === 1)).toBe(true)
    })

    test('old counts of one span are forgotten, so many at a time, and those of others are not', async () => {
      for (let minute = 0; minute < 3; minute++) {
        await count(store(), { minute: DAY + minute * SPANS_MS.minute })
      }
      const forget = (spanMs: 60_000 | 3_600_000) =>
        store().transact(({ activity }) => activity.forgetCounts(spanMs, NOW * 2, 2))
      expect(await forget(SPANS_MS.hour)).toBe(0)
      expect([await forget(SPANS_MS.minute), await forget(SPANS_MS.minute)]).toEqual([2, 1])
      expect(await countsOf(store(), SPANS_MS.day)).toEqual([])
    })
  })
}

function newSeen(value: string, more: Partial<BatchSeen> = {}): BatchSeen {
  return {
    tokenId: TOKEN,
    kind: 'domain',
    value,
    count: 1,
    allowed: 0,
    firstAt: NOW,
    lastAt: NOW,
    ...more,
  }
}

/** What every store does with values that were seen. */
export function seenContract({ store }: ContractAt): void {
  describe('what was seen', () => {
    test('batches add up by token, kind and value; the times only widen', async () => {
      await record(store(), {
        seen: [
          newSeen('a.com', { count: 3, allowed: 2, firstAt: NOW - 5, lastAt: NOW + 5 }),
          newSeen('a.com', { kind: 'http_domain' }),
          newSeen('a.com', { tokenId: OTHER_TOKEN }),
        ],
      })
      await record(store(), { seen: [newSeen('a.com', { allowed: 1 })] })
      await record(store(), { seen: [newSeen('a.com', { firstAt: NOW - 9, lastAt: NOW + 9 })] })
      expect(await store().activity.seen(TOKEN)).toEqual([
        { kind: 'domain', value: 'a.com', count: 5, allowed: 3, firstAt: NOW - 9, lastAt: NOW + 9 },
        { kind: 'http_domain', value: 'a.com', count: 1, allowed: 0, firstAt: NOW, lastAt: NOW },
      ])
    })

    test('beyond the limit of a token, new values are one row, and known ones still count', async () => {
      const values = Array.from({ length: SEEN_VALUES_MAX - 1 }, (_, at) => newSeen(`${at}.com`))
      await record(store(), { seen: values })
      await record(store(), {
        seen: [
          newSeen('rare.com', { count: 1, firstAt: NOW - 7 }),
          newSeen('often.com', { count: 9 }),
          newSeen('0.com', { count: 8 }),
          newSeen('', { kind: 'other', count: 4, allowed: 4, lastAt: NOW + 7 }),
        ],
      })
      await record(store(), { seen: [newSeen('late.com'), newSeen('often.com')] })
      const seen = await store().activity.seen(TOKEN)
      expect(seen).toHaveLength(SEEN_VALUES_MAX + 1)
      expect(seen.slice(0, 2)).toMatchObject([
        { value: 'often.com', count: 10 },
        { value: '0.com', count: 9 },
      ])
      expect(seen.at(-1)).toEqual({
        kind: 'other',
        value: '',
        count: 6,
        allowed: 4,
        firstAt: NOW - 7,
        lastAt: NOW + 7,
      })
    })

    test('a value that was not seen for long is forgotten, and makes room', async () => {
      const values = Array.from({ length: SEEN_VALUES_MAX }, (_, at) => newSeen(`${at}.com`))
      await record(store(), { seen: values })
      await record(store(), { seen: [newSeen('0.com', { lastAt: NOW + 1 })] })
      const forget = () => store().transact(({ activity }) => activity.forgetSeen(NOW + 1, 40))
      expect([await forget(), await forget(), await forget()]).toEqual([40, 9, 0])
      await record(store(), { seen: [newSeen('new.com')] })
      const seen = await store().activity.seen(TOKEN)
      expect(seen.map(({ value }) => value)).toEqual(['0.com', 'new.com'])
    })
  })
}

/** What every store does with the last use of a token. */
export function lastUseContract({ store }: ContractAt): void {
  describe('last use', () => {
    test('moves forward alone, and is no change of the token', async () => {
      const [used, idle] = [await inserted(store()), await inserted(store())]
      const before = await store().feed.read(NO_REVISION, 10)
      for (const minute of [MINUTE, MINUTE - SPANS_MS.minute]) {
        await record(store(), { minute, used: [used.id, newToken().id] })
      }
      expect(await store().tokens.find(used.id)).toEqual({ ...used, lastUsedAt: MINUTE })
      expect(await store().tokens.find(idle.id)).toEqual(idle)
      expect((await store().feed.read(NO_REVISION, 10)).head).toBe(before.head)
    })
  })
}
