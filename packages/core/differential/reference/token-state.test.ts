import { expect, test } from 'vitest'
import type { TokenStateLine } from '../case.ts'
import { referenceTokenState } from './token-state.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

test.each<{ token: Partial<TokenStateLine['token']>; gives: string; because: string }>([
  { token: { status: 'revoked', rotatedOut: true }, gives: 'token_revoked', because: 'final' },
  { token: { status: 'disabled', rotatedOut: true }, gives: 'token_disabled', because: 'both' },
  { token: { rotatedOut: true, expiresAt: 0 }, gives: 'token_rotated', because: 'comes first' },
  { token: { expiresAt: NOON }, gives: 'token_expired', because: 'now < expiresAt' },
  { token: { expiresAt: NOON, notBefore: NOON + 1 }, gives: 'token_expired', because: 'first' },
  { token: { notBefore: NOON + 1 }, gives: 'token_not_yet_valid', because: 'notBefore ≤ now' },
  { token: { notBefore: NOON, expiresAt: NOON + 1 }, gives: 'valid', because: 'the one instant' },
  { token: {}, gives: 'valid', because: 'no limits' },
])('$token gives $gives: $because', ({ token, gives }) => {
  const shown = { status: 'active', rotatedOut: false, ...token } as const
  expect(referenceTokenState({ token: shown, now: NOON })).toBe(gives)
})
