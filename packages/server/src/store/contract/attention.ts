import { UNRESTRICTED } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import type { Attention } from '../../token/attention.ts'
import type { Token } from '../../token/token.ts'
import type { Store } from '../store.ts'
import { type ContractAt, inserted, NOW } from './contract-store.ts'
import { record } from './recorded.ts'

const DAY_MS = 86_400_000
const ON = { enabled: true, entries: [] }
const OFF = { enabled: false, entries: [] }
const usual: Partial<Token> = { restrictions: { domains: ON, ips: OFF }, lastUsedAt: NOW }

interface AttentionCase {
  readonly kind: Attention
  readonly token: Partial<Token>
  readonly isListed: boolean
  readonly because: string
}

const CASES: readonly AttentionCase[] = [
  { kind: 'unrestricted', token: {}, isListed: false, because: 'one list is on' },
  {
    kind: 'unrestricted',
    token: { restrictions: { domains: OFF, ips: ON } },
    isListed: false,
    because: 'the other is on, though empty',
  },
  {
    kind: 'unrestricted',
    token: { restrictions: UNRESTRICTED, status: 'disabled' },
    isListed: false,
    because: 'it does not work',
  },
  {
    kind: 'unrestricted',
    token: { restrictions: UNRESTRICTED, expiresAt: NOW },
    isListed: false,
    because: 'it has expired',
  },
  {
    kind: 'unrestricted',
    token: { restrictions: UNRESTRICTED, expiresAt: NOW + 1 },
    isListed: true,
    because: 'both are off while it works',
  },
  { kind: 'expiring', token: {}, isListed: false, because: 'it never expires' },
  { kind: 'expiring', token: { expiresAt: NOW }, isListed: false, because: 'it has expired' },
  {
    kind: 'expiring',
    token: { expiresAt: NOW + 7 * DAY_MS + 1 },
    isListed: false,
    because: 'it has more than a week',
  },
  {
    kind: 'expiring',
    token: { expiresAt: NOW + 7 * DAY_MS, status: 'revoked' },
    isListed: false,
    because: 'it is revoked',
  },
  {
    kind: 'expiring',
    token: { expiresAt: NOW + 7 * DAY_MS },
    isListed: true,
    because: 'a week',
  },
  { kind: 'unused', token: {}, isListed: false, because: 'it was just used' },
  {
    kind: 'unused',
    token: { lastUsedAt: undefined },
    isListed: false,
    because: 'it is new and waits for its first call',
  },
  {
    kind: 'unused',
    token: { lastUsedAt: NOW - 30 * DAY_MS + 1 },
    isListed: false,
    because: 'it was used within 30 days',
  },
  {
    kind: 'unused',
    token: { lastUsedAt: NOW - 30 * DAY_MS },
    isListed: true,
    because: '30 days without a call',
  },
  {
    kind: 'unused',
    token: { lastUsedAt: undefined, createdAt: NOW - 30 * DAY_MS },
    isListed: true,
    because: 'it was never used in 30 days',
  },
  { kind: 'refused', token: {}, isListed: false, because: 'nothing was refused' },
]

/** What every store does with tokens that need attention. */
export function attentionContract({ store }: ContractAt): void {
  describe('tokens that need attention', () => {
    test.each(CASES)('$kind: $because', async ({ kind, token, isListed }) => {
      const filter = { attention: { kind, now: NOW } }
      await inserted(store(), { ...usual, ...token })
      const found = await store().tokens.list(filter, { after: undefined, limit: 9 })
      expect(found).toHaveLength(isListed ? 1 : 0)
      expect(await store().tokens.count(filter, 9)).toBe(isListed ? 1 : 0)
    })

    test.each([
      { calls: 19, hoursAgo: 0, isListed: false, because: 'one too few' },
      { calls: 99, hoursAgo: 24, isListed: false, because: 'that is longer ago' },
      { calls: 20, hoursAgo: 23, isListed: true, because: 'twenty in a day' },
    ])('$calls refused $hoursAgo hours ago: $because', async (row) => {
      const { id } = await inserted(store(), usual)
      const refusal = { effect: 'deny', reason: 'ip_not_listed', source: 'server' } as const
      const minute = NOW - (NOW % 60_000) - row.hoursAgo * 3_600_000
      await record(store(), { minute, counts: [{ tokenId: id, ...refusal, count: row.calls }] })
      const filter = { attention: { kind: 'refused', now: NOW } } as const
      const found = await store().tokens.list(filter, { after: undefined, limit: 9 })
      expect(found.map((token) => token.id)).toEqual(row.isListed ? [id] : [])
    })

    test('other filters hold too, and pages go both ways', async () => {
      const open = { restrictions: UNRESTRICTED, lastUsedAt: NOW }
      const first = await inserted(store(), { ...open, owner: 'alice', name: 'first' })
      await inserted(store(), { ...open, owner: 'bob' })
      const second = await inserted(store(), { ...open, owner: 'alice', name: 'second' })
      const filter = { owner: 'alice', attention: { kind: 'unrestricted', now: NOW } } as const
      const list = async (page: Parameters<Store['tokens']['list']>[1]) =>
        (await store().tokens.list(filter, page)).map(({ name }) => name)
      expect(await list({ after: undefined, limit: 9 })).toEqual(['first', 'second'])
      expect(await list({ after: first.id, limit: 9 })).toEqual(['second'])
      expect(await list({ before: second.id, limit: 9 })).toEqual(['first'])
      expect(await store().tokens.count({ ...filter, nameContains: 'SEC' }, 9)).toBe(1)
    })
  })
}
