import * as fc from 'fast-check'
import type { TokenStateLine } from '../case.ts'
import { oneOf } from './choice.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

/** Instants around one another, so that every order of three of them comes up, equal ones too. */
const instant: fc.Arbitrary<number> = oneOf([NOON, NOON - 1, NOON + 1, NOON - 1000, NOON + 60_000])

const token: fc.Arbitrary<TokenStateLine['token']> = fc.record(
  {
    status: oneOf<TokenStateLine['token']['status']>([
      ...(['active', 'active', 'active', 'active'] as const),
      ...(['disabled', 'revoked'] as const),
    ]),
    rotatedOut: oneOf([false, false, false, true]),
    notBefore: instant,
    expiresAt: instant,
  },
  { requiredKeys: ['status', 'rotatedOut'], noNullPrototype: true },
)

/** A known token and a time at which it is shown. */
export const tokenStateLine: fc.Arbitrary<TokenStateLine> = fc
  .tuple(token, instant)
  .map(([shown, now]) => ({ token: shown, now }))
