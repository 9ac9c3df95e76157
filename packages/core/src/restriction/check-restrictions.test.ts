import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkRestrictions,
  type EntryInput,
  type RestrictionSettings,
  type RestrictionsInput,
} from './check-restrictions.ts'
import { compileRestrictions } from './compile.ts'
import { type Restrictions, UNRESTRICTED } from './restrictions.ts'

const SETTINGS: RestrictionSettings = {
  allowIpRanges: false,
  allowPrivateAddresses: false,
  maxDomains: 5,
  maxIps: 5,
}

type Entry = string | EntryInput

function asInput(entry: Entry): EntryInput {
  return typeof entry === 'string' ? { value: entry } : entry
}

function input(domains: readonly Entry[], ips: readonly Entry[] = []): RestrictionsInput {
  return {
    domains: { enabled: true, entries: domains.map(asInput) },
    ips: { enabled: true, entries: ips.map(asInput) },
  }
}

function storing(domains: readonly string[], ips: readonly string[] = []): Restrictions {
  return {
    domains: {
      enabled: true,
      entries: domains.map((value) => ({ value, subdomains: false, label: '' })),
    },
    ips: { enabled: true, entries: ips.map((value) => ({ value, label: '' })) },
  }
}

/** Each problem as `path code`, in the order reported; none if the restrictions may be stored. */
function problems(
  given: RestrictionsInput,
  { settings, stored }: { settings?: Partial<RestrictionSettings>; stored?: Restrictions } = {},
): string[] {
  const checked = checkRestrictions(given, { ...SETTINGS, ...settings }, stored)
  return checked.ok ? [] : checked.problem.map(({ path, code }) => `${path} ${code}`)
}

const SIX_DOMAINS = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example', 'f.example']
const SIX_IPS = ['8.8.8.1', '8.8.8.2', '8.8.8.3', '8.8.8.4', '8.8.8.5', '8.8.8.6']

test('all problems are reported together, in input order, with JSON pointers', () => {
  const given = input(
    ['example.com', 5, 'vercel.app', 'EXAMPLE.com', 'x:y'].map((value) => ({ value })),
    ['10.0.0.1', '8.8.8.8', '8.8.8.8:80', '::ffff:8.8.8.8', '8.8.8.0/24'],
  )
  expect(problems(given)).toEqual([
    '/domains/entries/1 not_text',
    '/domains/entries/2 domain_public_suffix',
    '/domains/entries/3 entry_duplicate',
    '/domains/entries/4 domain_scheme',
    '/ips/entries/0 ip_special',
    '/ips/entries/2 ip_has_port',
    '/ips/entries/3 entry_duplicate',
    '/ips/entries/4 ip_range_not_allowed',
  ])
})

test('lists that are off are checked too', () => {
  const given = input(['com'], ['10.0.0.1'])
  const off = {
    domains: { ...given.domains, enabled: false },
    ips: { ...given.ips, enabled: false },
  }
  expect(problems(off)).toEqual([
    '/domains/entries/0 domain_single_label',
    '/ips/entries/0 ip_special',
  ])
})

test('a problem carries a sentence', () => {
  const checked = checkRestrictions(input(['com']), SETTINGS)
  expect(checked).toMatchObject({
    ok: false,
    problem: [{ message: expect.stringMatching(/[.]$/) }],
  })
})

describe('limits', () => {
  test.each<{
    domains?: string[]
    ips?: string[]
    settings?: Partial<RestrictionSettings>
    gives: string[]
    because: string
  }>([
    {
      domains: SIX_DOMAINS,
      gives: ['/domains/entries/5 entries_too_many'],
      because: 'six domains',
    },
    { ips: SIX_IPS, gives: ['/ips/entries/5 entries_too_many'], because: 'six addresses' },
    {
      domains: SIX_DOMAINS,
      settings: { maxDomains: 4 },
      gives: ['/domains/entries/4 entries_too_many', '/domains/entries/5 entries_too_many'],
      because: 'the limit is a setting',
    },
    {
      ips: SIX_IPS,
      settings: { maxIps: 0 },
      gives: SIX_IPS.map((_, at) => `/ips/entries/${at} entries_too_many`),
      because: 'the limit may be 0',
    },
    {
      domains: ['com', 'b..c', '*', 'x:y', '%', 'a.example'],
      gives: [
        '/domains/entries/0 domain_single_label',
        '/domains/entries/1 domain_syntax',
        '/domains/entries/2 domain_wildcard',
        '/domains/entries/3 domain_scheme',
        '/domains/entries/4 domain_syntax',
        '/domains/entries/5 entries_too_many',
      ],
      because: 'a bad entry takes a place as well',
    },
    {
      domains: [...SIX_DOMAINS, 'com'],
      settings: { maxDomains: 6 },
      gives: ['/domains/entries/6 entries_too_many'],
      because: 'what is beyond the limit is not judged further',
    },
    {
      domains: SIX_DOMAINS.slice(0, 5),
      ips: SIX_IPS.slice(0, 5),
      gives: [],
      because: 'five of each',
    },
    { domains: SIX_DOMAINS, settings: { maxDomains: 6 }, gives: [], because: 'a higher limit' },
    {
      domains: SIX_DOMAINS.slice(0, 5),
      settings: { maxIps: 0 },
      gives: [],
      because: 'each list has its own limit',
    },
    { gives: [], because: 'empty lists' },
  ])('$because', ({ domains = [], ips = [], settings, gives }) => {
    expect(problems(input(domains, ips), settings ? { settings } : {})).toEqual(gives)
  })
})

describe('duplicates after normalisation', () => {
  test.each<{
    domains?: Entry[]
    ips?: Entry[]
    settings?: Partial<RestrictionSettings>
    gives: string[]
    because: string
  }>([
    {
      domains: ['example.com', 'https://EXAMPLE.com/'],
      gives: ['/domains/entries/1 entry_duplicate'],
      because: 'the same domain',
    },
    {
      domains: ['b\u00fccher.example', 'xn--bcher-kva.example'],
      gives: ['/domains/entries/1 entry_duplicate'],
      because: 'the same in A-labels',
    },
    {
      domains: ['*.example.com', '*.example.com.'],
      gives: ['/domains/entries/1 entry_duplicate'],
      because: 'the same wildcard',
    },
    {
      domains: ['example.com', { value: 'example.com', subdomains: true }],
      gives: ['/domains/entries/1 entry_duplicate'],
      because: 'subdomains or not, it is stored as one',
    },
    {
      domains: ['a.example', 'a.example', 'a.example'],
      gives: ['/domains/entries/1 entry_duplicate', '/domains/entries/2 entry_duplicate'],
      because: 'each but the first',
    },
    {
      ips: ['8.8.8.8', '::ffff:8.8.8.8'],
      gives: ['/ips/entries/1 entry_duplicate'],
      because: 'mapped is IPv4',
    },
    {
      ips: ['2606:4700::1', '2606:4700:0:0::1'],
      gives: ['/ips/entries/1 entry_duplicate'],
      because: 'the same in RFC 5952',
    },
    {
      ips: ['8.8.8.1/24', '8.8.8.2/24'],
      settings: { allowIpRanges: true },
      gives: ['/ips/entries/1 entry_duplicate'],
      because: 'the same when masked',
    },
    {
      domains: ['example.com', '*.example.com'],
      gives: [],
      because: 'one matches what the other does not',
    },
    { domains: ['example.com', 'www.example.com'], gives: [], because: 'another domain' },
    {
      ips: ['8.8.8.0/24', '8.8.8.8'],
      settings: { allowIpRanges: true },
      gives: [],
      because: 'an address inside a listed block is no duplicate',
    },
    {
      ips: ['8.8.8.8/32', '8.8.8.8'],
      settings: { allowIpRanges: true },
      gives: [],
      because: 'a block of one is a block',
    },
  ])('$because', ({ domains = [], ips = [], settings, gives }) => {
    expect(problems(input(domains, ips), settings ? { settings } : {})).toEqual(gives)
  })
})

describe('only entries new to a list are judged by suffix and range rules', () => {
  const stored = storing(['vercel.app', '*.amazonaws.com'], ['10.0.0.1', '8.8.8.0/24'])

  test.each<{ domains?: Entry[]; ips?: Entry[]; gives: string[]; because: string }>([
    {
      domains: ['github.io'],
      gives: ['/domains/entries/0 domain_public_suffix'],
      because: 'a new suffix',
    },
    {
      domains: ['*.vercel.app'],
      gives: ['/domains/entries/0 domain_public_suffix'],
      because: 'a wildcard is another entry',
    },
    {
      domains: [{ value: 'vercel.app', subdomains: true }],
      gives: ['/domains/entries/0 domain_public_suffix'],
      because: 'widening makes a new entry',
    },
    {
      domains: ['vercel.app', 'vercel.app'],
      gives: ['/domains/entries/1 entry_duplicate'],
      because: 'twice is still twice',
    },
    {
      domains: ['a..b'],
      gives: ['/domains/entries/0 domain_syntax'],
      because: 'form is judged always',
    },
    { ips: ['10.0.0.2'], gives: ['/ips/entries/0 ip_special'], because: 'a new private address' },
    { ips: ['8.8.4.0/24'], gives: ['/ips/entries/0 ip_range_not_allowed'], because: 'a new block' },
    {
      ips: ['vercel.app'],
      gives: ['/ips/entries/0 ip_syntax'],
      because: 'stored in the other list',
    },
    {
      domains: ['vercel.app', '*.amazonaws.com', 'example.com'],
      ips: ['10.0.0.1', '8.8.8.0/24'],
      gives: [],
      because: 'an unrelated edit',
    },
    {
      domains: ['https://VERCEL.app/'],
      ips: ['8.8.8.7/24', '::ffff:10.0.0.1'],
      gives: [],
      because: 'whatever the spelling',
    },
  ])('$because', ({ domains = [], ips = [], gives }) => {
    expect(problems(input(domains, ips), { stored })).toEqual(gives)
  })

  test('a lower limit blocks new entries, never those that stay', () => {
    const full = storing(SIX_DOMAINS, SIX_IPS)
    expect(problems(input(SIX_DOMAINS, SIX_IPS), { stored: full })).toEqual([])
    expect(problems(input(SIX_DOMAINS.toReversed(), []), { stored: full })).toEqual([])
    expect(problems(input(['g.example', ...SIX_DOMAINS]), { stored: full })).toEqual([
      '/domains/entries/0 entries_too_many',
    ])
    expect(problems(input(['g.example', ...SIX_DOMAINS.slice(0, 5)]), { stored: full })).toEqual([
      '/domains/entries/0 entries_too_many',
    ])
    expect(problems(input(['g.example', ...SIX_DOMAINS.slice(0, 4)]), { stored: full })).toEqual([])
  })
})

test('what may be stored is normalised, labels and switches kept, warnings placed', () => {
  const given: RestrictionsInput = {
    domains: {
      enabled: false,
      entries: [
        { value: 'https://Example.com/', subdomains: true, label: 'shop' },
        { value: 'localhost' },
      ],
    },
    ips: {
      enabled: true,
      entries: [{ value: '::ffff:8.8.8.8', label: 'mail' }, { value: '2606::a1b2:c3d4:e5f6:1789' }],
    },
  }
  const checked = checkRestrictions(given, SETTINGS)
  expect(checked.ok && checked.value.restrictions).toEqual({
    domains: {
      enabled: false,
      entries: [
        { value: 'example.com', subdomains: true, label: 'shop' },
        { value: 'localhost', subdomains: false, label: '' },
      ],
    },
    ips: {
      enabled: true,
      entries: [
        { value: '8.8.8.8', label: 'mail' },
        { value: '2606::a1b2:c3d4:e5f6:1789', label: '' },
      ],
    },
  })
  expect(checked.ok && checked.value.warnings.map(({ path, code }) => `${path} ${code}`)).toEqual([
    '/domains/entries/1 domain_localhost',
    '/ips/entries/1 ip_temporary',
  ])
})

test('what may be stored compiles, and saving it again changes nothing', () => {
  const domain = fc.oneof(
    fc.domain(),
    fc.domain().map((name) => `*.${name}`),
    fc.string(),
  )
  const entry = fc.record({ value: domain, subdomains: fc.boolean(), label: fc.string() })
  const address = fc.record({ value: fc.oneof(fc.ipV4(), fc.ipV6(), fc.anything()) })
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 3 }),
      fc.array(address, { maxLength: 3 }),
      (domains, ips) => {
        const checked = checkRestrictions(input(domains, ips), SETTINGS)
        if (!checked.ok) return
        const { restrictions } = checked.value
        expect(compileRestrictions(restrictions)).toBeDefined()
        expect(checkRestrictions(restrictions, SETTINGS)).toEqual(checked)
        expect(
          checkRestrictions(restrictions, { ...SETTINGS, maxDomains: 0, maxIps: 0 }, restrictions),
        ).toEqual(checked)
      },
    ),
  )
})

test('a token that nobody has restricted has two lists, off and empty', () => {
  const checked = checkRestrictions(UNRESTRICTED, SETTINGS)
  expect(checked).toEqual({ ok: true, value: { restrictions: UNRESTRICTED, warnings: [] } })
})
