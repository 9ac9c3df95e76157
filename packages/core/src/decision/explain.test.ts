import { describe, expect, test } from 'vitest'
import { UNRESTRICTED, type Restrictions } from '../restriction/restrictions.ts'
import { type ExplainedFacts, explainReason } from './explain.ts'
import {
  ALLOW_REASONS,
  CALLER_REASONS,
  DENY_REASONS,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from './reason.ts'

function listing(domains: readonly string[], ips: readonly string[] = []): Restrictions {
  return {
    domains: {
      enabled: true,
      entries: domains.map((value) => ({ value, subdomains: false, label: '' })),
    },
    ips: { enabled: true, entries: ips.map((value) => ({ value, label: '' })) },
  }
}

const NOTHING: ExplainedFacts = {
  domain: undefined,
  address: undefined,
  restrictions: UNRESTRICTED,
}

test.each([
  ...ALLOW_REASONS,
  ...DENY_REASONS,
  ...TOKEN_REASONS,
  ...UNAVAILABLE_REASONS,
  ...CALLER_REASONS,
])('%s has a sentence that ends', (reason) => {
  expect(explainReason(reason, NOTHING)).toMatch(/^[A-Z].*[.]$/)
})

test('no sentence is told twice', () => {
  const reasons = [...ALLOW_REASONS, ...DENY_REASONS, ...TOKEN_REASONS, ...UNAVAILABLE_REASONS]
  const sentences = reasons.map((reason) => explainReason(reason, NOTHING))
  expect(new Set(sentences).size).toBe(reasons.length)
})

describe('domain_not_listed names what would help', () => {
  test.each<{ domain: string; listed: string[]; says: string; because: string }>([
    {
      domain: 'www.example.com',
      listed: ['a.example', 'example.com'],
      says: 'let example.com cover its subdomains',
      because: 'the www of a listed one',
    },
    {
      domain: 'a.b.example.com',
      listed: ['example.com'],
      says: 'let example.com cover its subdomains',
      because: 'far below a listed one',
    },
    {
      domain: 'example.com',
      listed: ['*.example.com'],
      says: '*.example.com covers what is below it alone',
      because: 'the bare domain of a wildcard',
    },
    {
      domain: 'evilexample.com',
      listed: ['example.com'],
      says: 'Add it under Domains',
      because: 'a shared ending is no parent',
    },
    {
      domain: 'example.com',
      listed: ['www.example.com'],
      says: 'Add it under Domains',
      because: 'a listed one below',
    },
    {
      domain: 'example.com',
      listed: [],
      says: 'Add it under Domains',
      because: 'nothing is listed',
    },
  ])('$domain against $listed: $because', ({ domain, listed, says }) => {
    const facts = { ...NOTHING, domain, restrictions: listing(listed) }
    const sentence = explainReason('domain_not_listed', facts)
    expect(sentence).toContain(says)
    expect(sentence.startsWith(`${domain} is not listed`)).toBe(true)
  })

  test('a fact that was not kept is no word in the sentence', () => {
    const facts = { ...NOTHING, restrictions: listing(['*.undefined', 'example.com']) }
    expect(explainReason('domain_not_listed', facts)).not.toContain('undefined')
    expect(explainReason('ip_not_listed', facts)).toBe(
      'The address is not listed. Add it under IP addresses.',
    )
  })
})

describe('ip_not_listed names what would help', () => {
  test.each<{ address: string; listed: string[]; says: string; because: string }>([
    {
      address: '2606::1',
      listed: ['8.8.8.8'],
      says: 'call over IPv4',
      because: 'IPv6 against an IPv4-only list',
    },
    {
      address: '2606::1',
      listed: ['8.8.8.8', '2606::2'],
      says: 'Add it under',
      because: 'an IPv6 address is listed',
    },
    { address: '9.9.9.9', listed: ['8.8.8.8'], says: 'Add it under', because: 'an IPv4 address' },
    { address: '9.9.9.9', listed: ['2606::1'], says: 'Add it under', because: 'an IPv4 address' },
  ])('$address against $listed: $because', ({ address, listed, says }) => {
    const facts = { ...NOTHING, address, restrictions: listing([], listed) }
    const sentence = explainReason('ip_not_listed', facts)
    expect(sentence).toContain(says)
    expect(sentence.startsWith(`${address} is not listed`)).toBe(true)
  })
})
