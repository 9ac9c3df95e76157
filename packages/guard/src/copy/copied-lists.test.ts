import {
  compileRestrictions,
  type Domain,
  formatIpAddress,
  parseDomain,
  parseIpAddress,
  type Restrictions,
  restrictionPatterns,
} from '@keyfence/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copiedAddresses, copiedDomains } from './copied-lists.ts'

/** `+` before a domain: and whatever is below it. */
function restrictionsOf(domains: readonly string[], ips: readonly string[]): Restrictions {
  return {
    domains: {
      enabled: true,
      entries: domains.map((text) => ({
        value: text.replace('+', ''),
        subdomains: text.startsWith('+'),
        label: '',
      })),
    },
    ips: { enabled: true, entries: ips.map((value) => ({ value, label: '' })) },
  }
}

function copied(restrictions: Restrictions) {
  const patterns = restrictionPatterns(restrictions)
  if (patterns === undefined) throw new Error('unreadable restrictions')
  const domains = copiedDomains(patterns.domains)
  const ips = copiedAddresses(patterns.ips)
  if (domains.mode === 'off' || ips.mode === 'off') throw new Error('both are on')
  return { domains, ips }
}

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  if (parsed === undefined) throw new Error(`${text} is no domain`)
  return parsed
}

describe('a list in one text', () => {
  test.each<{ list: string[]; asked: string; gives: boolean; because: string }>([
    { list: [], asked: 'example.com', gives: false, because: 'an empty list matches nobody' },
    { list: ['example.com'], asked: 'www.example.com', gives: false, because: 'itself alone' },
    { list: ['www.example.com'], asked: 'example.com', gives: false, because: 'not what is above' },
    { list: ['example.com'], asked: 'example.co', gives: false, because: 'a beginning' },
    { list: ['example.com'], asked: 'ample.com', gives: false, because: 'an end' },
    { list: ['*.example.com'], asked: 'example.com', gives: false, because: 'below it alone' },
    {
      list: ['*.example.com'],
      asked: 'notexample.com',
      gives: false,
      because: 'no label ends there',
    },
    {
      list: ['*.example.com'],
      asked: 'example.com.evil.net',
      gives: false,
      because: 'a beginning',
    },
    { list: ['+a.com', 'b.com'], asked: 'x.b.com', gives: false, because: "another entry's mark" },
    { list: ['ab.com', 'b.co'], asked: 'b.com', gives: false, because: 'parts of two entries' },
    {
      list: ['ab.com', 'b.com'],
      asked: 'b.com',
      gives: true,
      because: 'found behind a longer one',
    },
    {
      list: ['*.example.com'],
      asked: 'a.b.example.com',
      gives: true,
      because: 'however far below',
    },
    { list: ['+example.com'], asked: 'example.com', gives: true, because: 'the domain itself' },
    { list: ['+example.com'], asked: 'a.example.com', gives: true, because: 'and below it' },
  ])('$list, $asked: $gives, $because', ({ list, asked, gives }) => {
    expect(copied(restrictionsOf(list, [])).domains.matches(domain(asked))).toBe(gives)
  })

  test.each<{ list: string[]; asked: string; gives: boolean; because: string }>([
    { list: [], asked: '8.8.8.8', gives: false, because: 'an empty list matches nobody' },
    { list: ['8.8.8.8'], asked: '8.8.8.80', gives: false, because: 'a beginning' },
    { list: ['18.8.8.8'], asked: '8.8.8.8', gives: false, because: 'an end' },
    { list: ['2001:db8::1'], asked: '2001:db8::10', gives: false, because: 'a beginning' },
    { list: ['8.8.8.0/24'], asked: '8.8.9.0', gives: false, because: 'outside the block' },
    {
      list: ['2001:DB8:0::1'],
      asked: '2001:db8::1',
      gives: true,
      because: 'one address, two texts',
    },
    { list: ['8.8.8.8'], asked: '::ffff:8.8.8.8', gives: true, because: 'the mapped form' },
    { list: ['8.8.8.8/32'], asked: '8.8.8.8', gives: true, because: 'a block of one' },
    { list: ['9.9.9.9', '8.8.8.0/24'], asked: '8.8.8.7', gives: true, because: 'in the block' },
  ])('$list, $asked: $gives, $because', ({ list, asked, gives }) => {
    const address = parseIpAddress(asked)
    if (address === undefined) throw new Error(`${asked} is no address`)
    expect(copied(restrictionsOf([], list)).ips.matches(address)).toBe(gives)
  })

  test('an empty list that is on says so, and one that is off is off', () => {
    expect(copied(restrictionsOf([], []))).toMatchObject({
      domains: { mode: 'on', isEmpty: true },
      ips: { mode: 'on', isEmpty: true },
    })
    expect(copied(restrictionsOf(['a.com'], ['8.0.0.0/8']))).toMatchObject({
      domains: { isEmpty: false },
      ips: { isEmpty: false },
    })
    expect([copiedDomains({ mode: 'off' }), copiedAddresses({ mode: 'off' })]).toEqual([
      { mode: 'off' },
      { mode: 'off' },
    ])
  })
})

const label = fc.constantFrom('a', 'b', 'ab', 'b-a')
const name = fc
  .array(label, { minLength: 1, maxLength: 3 })
  .map((labels) => [...labels, 'com'].join('.'))
const entry = fc.tuple(fc.constantFrom('', '+', '*.'), name).map((parts) => parts.join(''))
const octet = fc.constantFrom(1, 8, 18, 80, 88)
const address = fc.oneof(
  fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')),
  fc.tuple(octet, octet).map(([one, other]) => `2001:db8::${one}:${other}`),
)
const block = fc
  .tuple(address, fc.constantFrom('', '/9', '/31', '/32'))
  .map((parts) => parts.join(''))

const lists = fc.record({ domains: fc.array(entry), ips: fc.array(block) })

test('matches what the compiled restrictions of the core match', () => {
  fc.assert(
    fc.property(lists, name, address, ({ domains, ips }, page, from) => {
      const restrictions = restrictionsOf(domains, ips)
      const compiled = compileRestrictions(restrictions)
      const own = copied(restrictions)
      const peer = parseIpAddress(from)
      if (compiled?.domains.mode !== 'on' || compiled.ips.mode !== 'on' || peer === undefined) {
        throw new Error('both are on')
      }
      expect(own.domains.matches(domain(page))).toBe(compiled.domains.matches(domain(page)))
      expect(own.ips.matches(peer), formatIpAddress(peer)).toBe(compiled.ips.matches(peer))
    }),
    { numRuns: 2000 },
  )
})
