import { describe, expect, test } from 'vitest'
import {
  CALLER_REASONS,
  DENY_REASONS,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from '../decision/reason.ts'
import { readEvidence } from '../request/evidence.ts'
import { type Answer, echoableOrigin, refusalAnswer, refusalStatus } from './refusal-answer.ts'

function answer(
  reason: Parameters<typeof refusalAnswer>[0],
  fields: readonly string[] = [],
): Answer {
  return refusalAnswer(reason, { evidence: readEvidence(fields), requestId: 'req_1' })
}

const COMMON = [
  ['Content-Type', 'application/json'],
  ['Cache-Control', 'no-store'],
  ['Keyfence-Request-Id', 'req_1'],
]

test.each([...DENY_REASONS, ...CALLER_REASONS])(
  '%s: 403 in these octets and no others',
  (reason) => {
    expect(refusalStatus(reason)).toBe(403)
    expect(answer(reason)).toEqual({
      status: 403,
      headers: [...COMMON, ['Vary', 'Origin']],
      body: `{"error":"Access denied. You don't have permission to access this."}`,
    })
  },
)

test.each(TOKEN_REASONS)('%s: 401 in these octets and no others', (reason) => {
  const challenge = reason === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  expect(refusalStatus(reason)).toBe(401)
  expect(answer(reason)).toEqual({
    status: 401,
    headers: [...COMMON, ['WWW-Authenticate', challenge], ['Vary', 'Origin']],
    body: '{"error":"Missing or invalid API token."}',
  })
})

test.each(UNAVAILABLE_REASONS)('%s: 503 in these octets and no others', (reason) => {
  expect(refusalStatus(reason)).toBe(503)
  expect(answer(reason)).toEqual({
    status: 503,
    headers: [...COMMON, ['Retry-After', '5'], ['Vary', 'Origin']],
    body: '{"error":"Temporarily unavailable."}',
  })
})

describe('an origin that is not echoed', () => {
  test.each<{ fields: string[]; because: string }>([
    { fields: [], because: 'none' },
    { fields: ['Referer', 'https://example.com/'], because: 'a referer is no origin' },
    { fields: ['Origin', ''], because: 'an empty one' },
    { fields: ['Origin', 'NULL'], because: 'only null is null' },
    { fields: ['Origin', '*'], because: 'a pattern would open the answer to everybody' },
    { fields: ['Origin', 'https://example.com/'], because: 'a path' },
    { fields: ['Origin', 'https://a@example.com'], because: 'user information' },
    { fields: ['Origin', 'https://example.com, https://example.com'], because: 'two, joined' },
    {
      fields: ['Origin', 'https://example.com', 'Origin', 'https://example.com'],
      because: 'two lines',
    },
    { fields: ['Origin', 'null', 'Origin', 'null'], because: 'two lines' },
    {
      fields: ['Origin', 'https://example.com\r\nSet-Cookie: a=b'],
      because: 'a line break would split the answer',
    },
    { fields: ['Origin', 'https://ex\u00e4mple.com'], because: 'not ASCII' },
    { fields: ['Origin', 'https://example.com:123456'], because: 'no port' },
    { fields: ['Origin', 'https://exam ple.com'], because: 'a blank' },
    { fields: ['Origin', 'https://example.com?x'], because: 'a query' },
    { fields: ['Origin', 'example.com'], because: 'no scheme' },
  ])('$fields: $because', ({ fields }) => {
    expect(echoableOrigin(readEvidence(fields))).toBeUndefined()
    for (const reason of ['token_missing', 'ip_not_listed', 'store_unavailable'] as const) {
      const names = answer(reason, fields).headers.map(([name]) => name)
      expect(names).not.toContain('Access-Control-Allow-Origin')
      expect(names).toContain('Vary')
    }
  })
})

describe('an origin that is echoed, so that the page can read the refusal', () => {
  test.each<{ origin: string; because: string }>([
    { origin: 'https://example.com', because: 'listed or not' },
    { origin: 'http://localhost:3000', because: 'a port' },
    { origin: 'HTTPS://Example.com', because: 'as it came: it is compared by its octets' },
    { origin: 'http://127.0.0.1:5173', because: 'a page in development names no domain' },
    { origin: 'http://[::1]:3000', because: 'nor does one on IPv6' },
    { origin: 'capacitor://localhost', because: 'nor does a hybrid application' },
    { origin: 'chrome-extension://abcdefghijklmnop', because: 'nor does an extension' },
    { origin: 'null', because: 'an opaque origin reads its refusal too' },
  ])('$origin: $because', ({ origin }) => {
    for (const reason of ['token_missing', 'domain_not_listed', 'record_unreadable'] as const) {
      expect(answer(reason, ['Origin', ` ${origin}`, 'Referer', 'x']).headers.slice(-3)).toEqual([
        ['Access-Control-Allow-Origin', origin],
        ['Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate, Keyfence-Request-Id'],
        ['Vary', 'Origin'],
      ])
    }
  })

  test('credentials are never granted', () => {
    const { headers } = answer('token_missing', ['Origin', 'https://example.com'])
    expect(headers.map(([name]) => name)).not.toContain('Access-Control-Allow-Credentials')
  })
})
