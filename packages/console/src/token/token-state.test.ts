import { describe, expect, test } from 'vitest'
import { expiryTime } from './expiry.ts'
import { isExpiringSoon, tokenState } from './token-state.ts'

const NOW = Date.parse('2026-11-24T09:30:00Z')
const ACTIVE = { status: 'active', mode: 'enforce', expiresAt: null, notBefore: null } as const
const at = (days: number): string => new Date(NOW + days * 86_400_000).toISOString()

describe('the badge of a token', () => {
  test.each<{ token: Parameters<typeof tokenState>[0]; gives: string; because: string }>([
    { token: ACTIVE, gives: 'active', because: 'nothing stands against it' },
    {
      token: { ...ACTIVE, mode: 'report' },
      gives: 'report only',
      because: 'refusals are let through',
    },
    { token: { ...ACTIVE, status: 'disabled' }, gives: 'disabled', because: 'for a while' },
    {
      token: { ...ACTIVE, status: 'revoked', expiresAt: at(-1) },
      gives: 'revoked',
      because: 'revoked comes first',
    },
    {
      token: { ...ACTIVE, status: 'disabled', expiresAt: at(-1) },
      gives: 'disabled',
      because: 'disabled comes before expired',
    },
    {
      token: { ...ACTIVE, mode: 'report', expiresAt: at(0) },
      gives: 'expired',
      because: 'valid until before its expiry',
    },
    { token: { ...ACTIVE, notBefore: at(1) }, gives: 'not yet valid', because: 'its time comes' },
  ])('$gives: $because', ({ token, gives }) => expect(tokenState(token, NOW).text).toBe(gives))

  test.each<{ days: number | null; gives: boolean; because: string }>([
    { days: null, gives: false, because: 'it never expires' },
    { days: 8, gives: false, because: 'more than a week is left' },
    { days: 7, gives: true, because: 'a week is left' },
    { days: -1, gives: false, because: 'it has expired already' },
  ])('expires soon is $gives: $because', ({ days, gives }) => {
    expect(isExpiringSoon({ expiresAt: days === null ? null : at(days) }, NOW)).toBe(gives)
  })
})

describe('the expiry of a choice', () => {
  test.each<{
    choice: Parameters<typeof expiryTime>[0]
    date: string
    gives: string | null | undefined
    because: string
  }>([
    { choice: 'never', date: '', gives: null, because: 'never' },
    { choice: '30', date: '', gives: at(30), because: 'so many days' },
    { choice: 'date', date: '', gives: undefined, because: 'no date yet' },
    { choice: 'date', date: '2026-11-01', gives: undefined, because: 'a day that is past' },
    { choice: 'date', date: '2027-13-01', gives: undefined, because: 'no such month' },
  ])('$choice $date: $because', ({ choice, date, gives }) => {
    expect(expiryTime(choice, date, NOW)).toBe(gives)
  })

  test('a day counts to its end, in the zone of the reader', () => {
    expect(expiryTime('date', '2027-01-31', NOW)).toBe(
      new Date('2027-01-31T23:59:59').toISOString(),
    )
  })
})
