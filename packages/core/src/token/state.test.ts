import { describe, expect, test } from 'vitest'
import { type TokenLife, tokenStateReason } from './state.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

interface Case extends Partial<TokenLife> {
  secretEndsAt?: number
  because: string
}

function reasonAtNoon({ secretEndsAt, status, notBefore, expiresAt }: Case): string | undefined {
  return tokenStateReason({ status: status ?? 'active', notBefore, expiresAt }, secretEndsAt, NOON)
}

describe('not valid', () => {
  test.each<Case & { gives: string }>([
    { gives: 'token_revoked', status: 'revoked', because: 'revocation is final' },
    {
      gives: 'token_revoked',
      status: 'revoked',
      secretEndsAt: 0,
      expiresAt: 0,
      because: 'revoked comes first',
    },
    { gives: 'token_disabled', status: 'disabled', because: 'disabled' },
    {
      gives: 'token_disabled',
      status: 'disabled',
      secretEndsAt: 0,
      expiresAt: 0,
      because: 'disabled comes second',
    },
    { gives: 'token_rotated', secretEndsAt: NOON, because: 'an overlap ends at its end' },
    { gives: 'token_rotated', secretEndsAt: 0, because: 'the time 0 is a time' },
    {
      gives: 'token_rotated',
      secretEndsAt: NOON - 1,
      expiresAt: NOON - 1,
      because: 'rotated comes before expired',
    },
    { gives: 'token_expired', expiresAt: NOON, because: 'now < expiresAt' },
    { gives: 'token_expired', expiresAt: 0, because: 'the time 0 is a time' },
    {
      gives: 'token_expired',
      expiresAt: NOON,
      notBefore: NOON + 1,
      because: 'expired comes before not yet valid',
    },
    { gives: 'token_not_yet_valid', notBefore: NOON + 1, because: 'notBefore ≤ now' },
    {
      gives: 'token_not_yet_valid',
      notBefore: NOON + 1,
      expiresAt: NOON + 2,
      secretEndsAt: NOON + 3,
      because: 'nothing else is wrong',
    },
  ])('$gives: $because', ({ gives, ...given }) => {
    expect(reasonAtNoon(given)).toBe(gives)
  })
})

test.each<Case>([
  { because: 'absent times do not limit' },
  { notBefore: NOON, because: 'notBefore ≤ now' },
  { expiresAt: NOON + 1, because: 'now < expiresAt' },
  { secretEndsAt: NOON + 1, because: 'an overlap that has not ended' },
  { notBefore: NOON, expiresAt: NOON + 1, because: 'the only valid millisecond' },
])('valid: $because', (given) => {
  expect(reasonAtNoon(given)).toBeUndefined()
})
