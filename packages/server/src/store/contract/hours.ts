import { describe, expect, test } from 'vitest'
import { type CallOutcome, SPANS_MS } from '../../activity/call-count.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { Store } from '../store.ts'
import { type ContractAt, NOW } from './contract-store.ts'
import { OTHER_TOKEN, record, TOKEN } from './recorded.ts'

const { hour, minute } = SPANS_MS
const DAY = NOW - (NOW % SPANS_MS.day)
const ALWAYS = { since: 0, until: NOW * 2 }

const allowed = { effect: 'allow', reason: 'domain_listed', source: 'browser' } as const
const denied = { effect: 'deny', reason: 'ip_not_listed', source: 'server' } as const

interface Counted {
  readonly minute: number
  readonly times?: number
  readonly outcome?: CallOutcome
}

function count(store: Store, counted: Counted): Promise<void> {
  const { times = 1, outcome = allowed } = counted
  const counts = [{ tokenId: TOKEN, ...outcome, count: times }]
  return record(store, { minute: counted.minute, counts })
}

/** What every store counts by the hour. */
export function hourContract({ store }: ContractAt): void {
  describe('hours', () => {
    test('calls of the tokens asked for add up by the hour, and refused ones apart', async () => {
      await count(store(), { minute: DAY, times: 2 })
      await count(store(), { minute: DAY + 59 * minute, outcome: denied, times: 3 })
      await count(store(), { minute: DAY + 60 * minute, outcome: denied })
      await record(store(), {
        minute: DAY,
        counts: [{ tokenId: OTHER_TOKEN, ...allowed, count: 9 }],
      })
      const hours = (tokenIds: readonly TokenId[], range = ALWAYS) =>
        store().activity.tokenHours(tokenIds, range)
      expect(await hours([])).toEqual([])
      const first = { tokenId: TOKEN, startsAt: DAY, allowed: 2, refused: 3 }
      const second = { tokenId: TOKEN, startsAt: DAY + hour, allowed: 0, refused: 1 }
      expect(new Set(await hours([TOKEN]))).toEqual(new Set([first, second]))
      expect(await hours([TOKEN, OTHER_TOKEN])).toHaveLength(3)
      expect(await hours([TOKEN], { since: DAY + hour, until: DAY + 2 * hour })).toEqual([second])
      expect(await hours([TOKEN], { since: DAY, until: DAY + hour })).toEqual([first])
    })

    test('calls of all tokens, and without one, add up by outcome, and are forgotten when old', async () => {
      const nobody = { tokenId: undefined, effect: 'deny', reason: 'token_missing' } as const
      const counts = [
        { tokenId: TOKEN, ...allowed, count: 2 },
        { tokenId: OTHER_TOKEN, ...allowed, count: 5 },
        { ...nobody, source: undefined, count: 1 },
      ]
      await record(store(), { minute: DAY, counts })
      await record(store(), { minute: DAY + minute, counts })
      await record(store(), { minute: DAY + hour, counts: counts.slice(0, 1) })
      const traffic = () => store().activity.trafficHours(ALWAYS)
      const found = await traffic()
      expect(found.at(-1)).toEqual({ ...allowed, startsAt: DAY + hour, count: 2 })
      expect(new Set(found.slice(0, -1))).toEqual(
        new Set([
          { ...allowed, startsAt: DAY, count: 14 },
          { ...nobody, tokenId: undefined, source: undefined, startsAt: DAY, count: 2 },
        ]),
      )
      for (const { limit, gives } of [
        { limit: 1, gives: 1 },
        { limit: 9, gives: 1 },
        { limit: 9, gives: 0 },
      ]) {
        const forget = store().transact(({ activity }) =>
          activity.forgetTrafficHours(DAY + hour, limit),
        )
        expect(await forget).toBe(gives)
      }
      expect(await traffic()).toHaveLength(1)
    })
  })
}

/** What every store forgets of tokens that were refused. */
export function refusedHourContract({ store }: ContractAt): void {
  describe('hours in which tokens were refused', () => {
    test('are forgotten when old, so many rows at a time', async () => {
      for (const at of [0, 1, 2]) await count(store(), { minute: DAY + at * hour, outcome: denied })
      for (const { limit, gives } of [
        { limit: 1, gives: 1 },
        { limit: 9, gives: 1 },
        { limit: 9, gives: 0 },
      ]) {
        const forget = store().transact(({ activity }) =>
          activity.forgetRefusedHours(DAY + 2 * hour, limit),
        )
        expect(await forget).toBe(gives)
      }
    })
  })
}
