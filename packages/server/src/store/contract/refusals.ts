import { beforeEach, describe, expect, test } from 'vitest'
import type { Refusal, RefusalFilter, RefusalPosition } from '../../activity/refusal.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { Store } from '../store.ts'
import { type ContractAt, NOW } from './contract-store.ts'
import { OTHER_TOKEN, record, TOKEN } from './recorded.ts'

let made = 0

function newRefusal(more: Partial<Refusal> = {}): Refusal {
  return {
    requestId: `req_${made++}`,
    refusedAt: NOW,
    tokenId: TOKEN,
    owner: 'alice',
    reason: 'domain_not_listed',
    source: 'browser',
    domain: 'evil.example',
    address: undefined,
    method: 'GET',
    path: '/v1/x',
    enforced: true,
    ...more,
  }
}

function some(tokenId: TokenId | undefined, length: number): Refusal[] {
  return Array.from({ length }, () => newRefusal({ tokenId }))
}

async function idsOf(store: Store, filter: RefusalFilter = {}): Promise<string[]> {
  const found = await store.activity.listRefusals(filter, { after: undefined, limit: 1000 })
  return found.map(({ requestId }) => requestId)
}

/** What every store does with refusals. */
export function refusalContract({ store }: ContractAt): void {
  describe('refusals', () => {
    test('one that was never recorded is not found', async () => {
      await record(store(), { refusals: [newRefusal()] })
      expect(await store().activity.findRefusal('req_')).toBeUndefined()
      expect(await store().activity.findRefusal("' or 1=1 --")).toBeUndefined()
    })

    test.each<{ refusal: Refusal; because: string }>([
      { refusal: newRefusal(), because: 'a page' },
      {
        refusal: newRefusal({
          tokenId: undefined,
          owner: undefined,
          source: undefined,
          domain: undefined,
          reason: 'token_missing',
        }),
        because: 'nothing is known of a request without a token',
      },
      {
        refusal: newRefusal({
          source: 'server',
          domain: undefined,
          address: '2606:4700::1',
          reason: 'ip_not_listed',
          enforced: false,
          path: "/'; drop table refusals --%00…",
        }),
        because: 'a server in report mode, and a path that means nothing here',
      },
    ])('one comes back by its request id as it was: $because', async ({ refusal }) => {
      await record(store(), { refusals: [refusal] })
      const found = await store().activity.findRefusal(refusal.requestId)
      expect(found).toEqual({ ...refusal, position: expect.stringMatching(/^[0-9]+$/) })
    })

    test('one that is there already stays as it is', async () => {
      const refusal = newRefusal()
      await record(store(), { refusals: [refusal] })
      await record(store(), { refusals: [{ ...refusal, path: '/other' }, newRefusal()] })
      expect(await store().activity.findRefusal(refusal.requestId)).toMatchObject({ path: '/v1/x' })
      expect(await idsOf(store())).toHaveLength(2)
    })
  })
}

/** What every store does with lists of refusals. */
export function refusalListContract({ store }: ContractAt): void {
  describe('lists of refusals', () => {
    const refusals = [
      newRefusal({ requestId: 'a' }),
      newRefusal({ requestId: 'b', tokenId: OTHER_TOKEN, owner: 'bob' }),
      newRefusal({ requestId: 'c', tokenId: undefined, owner: undefined, reason: 'token_missing' }),
      newRefusal({ requestId: 'd', reason: 'domain_missing' }),
    ]
    beforeEach(() => record(store(), { refusals }))

    test.each<{ filter: RefusalFilter; gives: string[]; because: string }>([
      { filter: { owner: 'ali' }, gives: [], because: 'owners are whole' },
      { filter: { owner: 'bob', tokenId: TOKEN }, gives: [], because: 'both have to hold' },
      { filter: { tokenId: OTHER_TOKEN }, gives: ['b'], because: 'of one token' },
      { filter: { reason: 'token_missing' }, gives: ['c'], because: 'of one reason' },
      { filter: { owner: 'alice' }, gives: ['d', 'a'], because: 'of one owner, newest first' },
      { filter: {}, gives: ['d', 'c', 'b', 'a'], because: 'all, newest first' },
    ])('by $filter gives $gives: $because', async ({ filter, gives }) => {
      expect(await idsOf(store(), filter)).toEqual(gives)
    })

    test('pages follow one another without a gap or a repetition, and end', async () => {
      const seen: string[] = []
      let after: RefusalPosition | undefined
      for (let page = 0; page < 3; page++) {
        const found = await store().activity.listRefusals({}, { after, limit: 2 })
        seen.push(...found.map(({ requestId }) => requestId))
        after = found.at(-1)?.position ?? after
      }
      expect(seen).toEqual(['d', 'c', 'b', 'a'])
    })

    test('a follower gets what was written later, oldest first, and filtered', async () => {
      const [newest] = await store().activity.listRefusals({}, { after: undefined, limit: 1 })
      const after = newest?.position
      const follow = (filter: RefusalFilter, limit = 10) =>
        store().activity.followRefusals(filter, { after, limit })
      expect(await follow({})).toEqual([])
      await record(store(), {
        refusals: [
          newRefusal({ requestId: 'e', refusedAt: NOW - 5 }),
          newRefusal({ requestId: 'f', owner: 'bob' }),
        ],
      })
      expect((await follow({})).map(({ requestId }) => requestId)).toEqual(['e', 'f'])
      expect((await follow({}, 1)).map(({ requestId }) => requestId)).toEqual(['e'])
      expect((await follow({ owner: 'bob' })).map(({ requestId }) => requestId)).toEqual(['f'])
    })
  })
}

/** How many refusals every store keeps, and how long. */
export function refusalLimitContract({ store }: ContractAt): void {
  describe('how many refusals are kept', () => {
    test('the newest of each token, and those without a token share ten times as many', async () => {
      const ours = some(TOKEN, 5)
      await record(store(), { refusals: [...ours, ...some(OTHER_TOKEN, 1)] }, 3)
      await record(store(), { refusals: some(undefined, 35) }, 3)
      const newest = ours.slice(2).map(({ requestId }) => requestId)
      expect(await idsOf(store(), { tokenId: TOKEN })).toEqual(newest.toReversed())
      expect(await idsOf(store())).toHaveLength(3 + 1 + 30)
    })

    test('those from before a moment are forgotten, so many at a time; positions are not used again', async () => {
      const old = Array.from({ length: 3 }, () => newRefusal({ refusedAt: NOW - 10 }))
      await record(store(), { refusals: [...old, newRefusal({ requestId: 'at the moment' })] })
      const [newest] = await store().activity.listRefusals({}, { after: undefined, limit: 1 })
      const forget = (before: number) =>
        store().transact(({ activity }) => activity.forgetRefusals(before, 2))
      expect([await forget(NOW), await forget(NOW), await forget(NOW)]).toEqual([2, 1, 0])
      expect(await idsOf(store())).toEqual(['at the moment'])
      expect(await forget(NOW + 1)).toBe(1)
      await record(store(), { refusals: [newRefusal()] })
      const page = { after: newest?.position, limit: 10 }
      expect(await store().activity.followRefusals({}, page)).toHaveLength(1)
    })
  })
}
