import { expect, test } from 'vitest'
import { allowableValue } from './allowable-value.ts'

type Refused = Parameters<typeof allowableValue>[0]

const OVER_HTTP = new Set(['http.example'])

const refused = (reason: Refused['reason'], from: Partial<Refused> = {}): Refused => ({
  reason,
  domain: null,
  address: null,
  ...from,
})

test.each<{ refusal: Refused; gives: string | undefined; because: string }>([
  {
    refusal: refused('domain_not_listed', { domain: 'a.com' }),
    gives: 'domains a.com',
    because: 'its domain',
  },
  {
    refusal: refused('ip_not_listed', { address: '8.8.8.8' }),
    gives: 'ips 8.8.8.8',
    because: 'its address',
  },
  {
    refusal: refused('browser_not_allowed', { domain: 'a.com' }),
    gives: 'domains a.com',
    because: 'its domain, and the list on',
  },
  {
    refusal: refused('domain_not_listed', { domain: 'http.example' }),
    gives: undefined,
    because: 'listed, a page over http would be refused all the same',
  },
  { refusal: refused('domain_missing'), gives: undefined, because: 'nothing names it' },
  {
    refusal: refused('token_expired', { domain: 'a.com' }),
    gives: undefined,
    because: 'no list helps a token that has expired',
  },
  {
    refusal: refused('token_revoked', { address: '8.8.8.8' }),
    gives: undefined,
    because: 'revoked is revoked',
  },
])('what would have to be listed: $because', ({ refusal, gives }) => {
  const place = allowableValue(refusal, OVER_HTTP)
  expect(place === undefined ? undefined : `${place.kind} ${place.value}`).toBe(gives)
})
