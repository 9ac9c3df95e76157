import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../address/ip-address.ts'
import { parseDomain } from '../domain/domain.ts'
import { type CompiledList, compileRestrictions } from './compile.ts'
import { type Restrictions, UNRESTRICTED } from './restrictions.ts'

function domains(value: string, { subdomains = false, enabled = true } = {}): Restrictions {
  return { ...UNRESTRICTED, domains: { enabled, entries: [{ value, subdomains, label: '' }] } }
}

function ips(value: string, { enabled = true } = {}): Restrictions {
  return { ...UNRESTRICTED, ips: { enabled, entries: [{ value, label: '' }] } }
}

function matches<Value>(list: CompiledList<Value> | undefined, value: Value | undefined): boolean {
  if (list?.mode !== 'on' || value === undefined) throw new Error('nothing to match')
  return list.matches(value)
}

describe('a damaged record', () => {
  test.each<{ value: string; because: string }>([
    { value: '', because: 'nothing' },
    { value: '*', because: 'everybody' },
    { value: '*.', because: 'a wildcard over nothing' },
    { value: '*.*.example.com', because: 'two wildcards' },
    { value: 'Example.com', because: 'not as it is stored' },
    { value: 'example.com.', because: 'not as it is stored' },
    { value: 'b\u00fccher.example', because: 'not as it is stored' },
    { value: ' example.com', because: 'a blank' },
    { value: 'https://example.com', because: 'a scheme' },
    { value: '8.8.8.8', because: 'an address' },
  ])('domain entry $value: $because', ({ value }) => {
    expect(compileRestrictions(domains(value))).toBeUndefined()
    expect(compileRestrictions(domains(value, { enabled: false }))).toBeUndefined()
  })

  test.each<{ value: string; because: string }>([
    { value: '', because: 'nothing' },
    { value: '*', because: 'everybody' },
    { value: '0.0.0.0/0', because: 'everybody' },
    { value: '::/0', because: 'everybody' },
    { value: '::ffff:0:0/96', because: 'all of IPv4' },
    { value: '8.8.8.8/33', because: 'no block' },
    { value: '08.8.8.8', because: 'octal' },
    { value: ' 8.8.8.8', because: 'a blank' },
    { value: 'example.com', because: 'a domain' },
  ])('address entry $value: $because', ({ value }) => {
    expect(compileRestrictions(ips(value))).toBeUndefined()
    expect(compileRestrictions(ips(value, { enabled: false }))).toBeUndefined()
  })
})

test('off, empty and on are three states', () => {
  const compiled = compileRestrictions({
    domains: { enabled: false, entries: [{ value: 'example.com', subdomains: false, label: '' }] },
    ips: { enabled: true, entries: [] },
  })
  expect(compiled?.domains).toEqual({ mode: 'off' })
  expect(compiled?.ips).toMatchObject({ mode: 'on', isEmpty: true })
  expect(matches(compiled?.ips, parseIpAddress('8.8.8.8'))).toBe(false)
  expect(compileRestrictions(ips('8.8.8.8'))?.ips).toMatchObject({ mode: 'on', isEmpty: false })
})

describe('what a domain entry matches', () => {
  test.each<{ entry: string; subdomains?: boolean; domain: string; is: boolean; because: string }>([
    {
      entry: 'example.com',
      domain: 'a.undefined',
      is: false,
      because: 'an entry without subdomains has no ending, not the word for none',
    },
    {
      entry: 'example.com',
      domain: 'www.example.com',
      is: false,
      because: 'a subdomain is another',
    },
    { entry: 'example.com', domain: 'evilexample.com', is: false, because: 'T19: a shared ending' },
    {
      entry: 'example.com',
      domain: 'example.com.evil.net',
      is: false,
      because: 'T19: a shared beginning',
    },
    { entry: 'example.com', domain: 'com', is: false, because: 'the parent' },
    {
      entry: '*.example.com',
      domain: 'example.com',
      is: false,
      because: 'the bare domain is not covered',
    },
    {
      entry: '*.example.com',
      domain: 'evilexample.com',
      is: false,
      because: 'T19: a shared ending',
    },
    {
      entry: '*.example.com',
      domain: 'a.example.com.evil.net',
      is: false,
      because: 'T19: in the middle',
    },
    { entry: '*.example.com', domain: 'www.example.org', is: false, because: 'another domain' },
    {
      entry: 'example.com',
      subdomains: true,
      domain: 'evilexample.com',
      is: false,
      because: 'T19: a shared ending',
    },
    { entry: 'example.com', subdomains: true, domain: 'com', is: false, because: 'the parent' },
    { entry: 'example.com', domain: 'example.com', is: true, because: 'equal' },
    { entry: '*.example.com', domain: 'www.example.com', is: true, because: 'one label before it' },
    { entry: '*.example.com', domain: 'a.b.example.com', is: true, because: 'more than one' },
    {
      entry: 'example.com',
      subdomains: true,
      domain: 'example.com',
      is: true,
      because: 'the domain',
    },
    {
      entry: 'example.com',
      subdomains: true,
      domain: 'www.example.com',
      is: true,
      because: 'or below it',
    },
    {
      entry: 'xn--bcher-kva.example',
      domain: 'xn--bcher-kva.example',
      is: true,
      because: 'in A-labels',
    },
  ])(
    '$entry (subdomains $subdomains), $domain: $is, $because',
    ({ entry, subdomains, domain, is }) => {
      const compiled = compileRestrictions(domains(entry, { subdomains: subdomains ?? false }))
      expect(matches(compiled?.domains, parseDomain(domain))).toBe(is)
    },
  )
})

describe('what an address entry matches', () => {
  test.each<{ entry: string; address: string; is: boolean; because: string }>([
    { entry: '8.8.8.8', address: '8.8.8.9', is: false, because: 'another address' },
    { entry: '8.8.8.8', address: '808:808::', is: false, because: 'the same bits in IPv6' },
    { entry: '8.8.8.8', address: '::8.8.8.8', is: false, because: 'compatible is not mapped' },
    { entry: '8.8.8.0/24', address: '8.8.9.0', is: false, because: 'one above' },
    { entry: '8.8.8.0/24', address: '8.8.7.255', is: false, because: 'one below' },
    { entry: '2606:4700::/32', address: '2606:4701::', is: false, because: 'one above' },
    { entry: '8.8.8.8', address: '8.8.8.8', is: true, because: 'equal' },
    { entry: '8.8.8.8', address: '::ffff:8.8.8.8', is: true, because: 'mapped is IPv4' },
    { entry: '8.8.8.0/24', address: '8.8.8.255', is: true, because: 'the last' },
    { entry: '2606:4700::1', address: '2606:4700:0::0001', is: true, because: 'in any spelling' },
  ])('$entry, $address: $is, $because', ({ entry, address, is }) => {
    expect(matches(compileRestrictions(ips(entry))?.ips, parseIpAddress(address))).toBe(is)
  })
})

test('any of several entries matches', () => {
  const compiled = compileRestrictions({
    domains: {
      enabled: true,
      entries: ['a.example', '*.b.example'].map((value) => ({
        value,
        subdomains: false,
        label: '',
      })),
    },
    ips: {
      enabled: true,
      entries: ['8.8.8.8', '9.9.9.0/24'].map((value) => ({ value, label: '' })),
    },
  })
  expect(matches(compiled?.domains, parseDomain('x.b.example'))).toBe(true)
  expect(matches(compiled?.ips, parseIpAddress('9.9.9.9'))).toBe(true)
})

test('a wildcard matches exactly what has a label before it', () => {
  const compiled = compileRestrictions(domains('*.example.com'))
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z.-]{0,8}$/), (prefix) => {
      const domain = parseDomain(`${prefix}example.com`)
      if (domain === undefined) return
      const expected = /^([a-z-]+[.])+$/.test(prefix)
      expect(matches(compiled?.domains, domain)).toBe(expected)
    }),
    { numRuns: 1000 },
  )
})
