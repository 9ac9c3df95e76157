import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EntryAge, EntrySettings } from './entry-problem.ts'
import { checkIpEntry } from './ip-entry.ts'

const STRICT = { allowIpRanges: false, allowPrivateAddresses: false }
const RANGES = { allowIpRanges: true, allowPrivateAddresses: false }
const PRIVATE = { allowIpRanges: false, allowPrivateAddresses: true }
const ALL = { allowIpRanges: true, allowPrivateAddresses: true }

function check(input: unknown, settings: EntrySettings = STRICT, age?: EntryAge): string {
  const checked = checkIpEntry(input, settings, age)
  return checked.ok ? checked.value.value : checked.problem.code
}

function sentence(input: string): string {
  const checked = checkIpEntry(input, RANGES)
  return checked.ok ? '' : checked.problem.message
}

describe('refused', () => {
  test.each<{ input: unknown; code: string; because: string }>([
    { input: undefined, code: 'not_text', because: 'absent' },
    { input: null, code: 'not_text', because: 'null' },
    { input: 134744072, code: 'not_text', because: 'a number' },
    { input: ['8.8.8.8'], code: 'not_text', because: 'a list' },

    { input: '', code: 'entry_empty', because: 'nothing' },
    { input: ' \t', code: 'entry_empty', because: 'blanks' },
    { input: '\u3000\ufeff', code: 'entry_empty', because: 'Unicode white space' },

    { input: 'example.com', code: 'ip_syntax', because: 'a domain' },
    { input: '8.8.8', code: 'ip_syntax', because: 'short' },
    { input: '08.8.8.8', code: 'ip_syntax', because: 'octal' },
    { input: '0x8.8.8.8', code: 'ip_syntax', because: 'hexadecimal' },
    { input: '134744072', code: 'ip_syntax', because: 'one number' },
    { input: '8.8.8.8.8', code: 'ip_syntax', because: 'five parts' },
    { input: '256.8.8.8', code: 'ip_syntax', because: 'a part above 255' },
    { input: '8.8. 8.8', code: 'ip_syntax', because: 'a blank inside' },
    { input: '8.8.8.8, 9.9.9.9', code: 'ip_syntax', because: 'two addresses' },
    { input: '8.8.8.8-8.8.8.9', code: 'ip_syntax', because: 'a range by its ends' },
    { input: '8.8.8.*', code: 'ip_syntax', because: 'a wildcard' },
    { input: '\uff18.8.8.8', code: 'ip_syntax', because: 'a full-width digit' },
    { input: '[2606:4700::1]', code: 'ip_syntax', because: 'brackets' },
    { input: '2606:4700::1%eth0', code: 'ip_syntax', because: 'a zone' },
    { input: 'https://8.8.8.8', code: 'ip_syntax', because: 'a URL' },
    { input: '8.8.8.8:', code: 'ip_syntax', because: 'an empty port' },
    { input: '8.8.8:80', code: 'ip_syntax', because: 'a port behind no address' },
    { input: '[8.8.8.8]:80', code: 'ip_syntax', because: 'brackets around IPv4' },
    { input: '8.8.8.8/', code: 'ip_syntax', because: 'an empty length' },
    { input: '8.8.8.8/33', code: 'ip_syntax', because: 'a length above 32' },
    { input: '2606:4700::/129', code: 'ip_syntax', because: 'a length above 128' },
    { input: '8.8.8.8/08', code: 'ip_syntax', because: 'a zero-padded length' },
    { input: '8.8.8.8 /24', code: 'ip_syntax', because: 'a blank inside' },
    { input: '8.8.8.8/255.255.255.0', code: 'ip_syntax', because: 'a mask' },
    { input: '8.8.8.8:80/24', code: 'ip_syntax', because: 'a port glued on' },
    { input: '8.8.8.8:65536', code: 'ip_syntax', because: 'what follows the colon is no port' },

    { input: '8.8.8.8:80', code: 'ip_has_port', because: 'IPv4 and a port' },
    { input: '10.0.0.1:8080', code: 'ip_has_port', because: 'the port is seen before the kind' },
    { input: ' 8.8.8.8:443 ', code: 'ip_has_port', because: 'as it was pasted' },
    { input: '[2606:4700::1]:443', code: 'ip_has_port', because: 'IPv6 and a port' },

    { input: '10.0.0.1', code: 'ip_special', because: 'private use' },
    { input: '127.0.0.1', code: 'ip_special', because: 'loopback' },
    { input: '203.0.113.7', code: 'ip_special', because: 'documentation' },
    { input: '192.88.99.1', code: 'ip_special', because: 'globally reachable or not' },
    { input: '224.0.0.1', code: 'ip_special', because: 'multicast' },
    { input: '0.0.0.0', code: 'ip_special', because: 'the unspecified address' },
    { input: '::ffff:10.0.0.1', code: 'ip_special', because: 'mapped is IPv4' },
    { input: '::8.8.8.8', code: 'ip_special', because: 'compatible is outside 2000::/3' },
    { input: '::1', code: 'ip_special', because: 'loopback' },
    { input: '2001:db8::1', code: 'ip_special', because: 'documentation' },
    { input: 'fe80::1', code: 'ip_special', because: 'link-local' },
    { input: 'ff02::1', code: 'ip_special', because: 'multicast' },
    { input: '4000::1', code: 'ip_special', because: 'outside 2000::/3' },

    { input: '8.8.8.0/24', code: 'ip_range_not_allowed', because: 'blocks are off by default' },
    { input: '8.8.8.8/32', code: 'ip_range_not_allowed', because: '/32, too' },
    { input: '2606:4700::1/128', code: 'ip_range_not_allowed', because: '/128, too' },
    { input: '0.0.0.0/0', code: 'ip_range_not_allowed', because: 'the setting is asked first' },
  ])('$input is $code: $because', ({ input, code }) => {
    expect(check(input)).toBe(code)
  })

  test.each<{ input: string; code: string; because: string }>([
    { input: '0.0.0.0/0', code: 'ip_range_too_wide', because: 'everybody' },
    { input: '8.8.8.8/0', code: 'ip_range_too_wide', because: 'everybody, host bits set' },
    { input: '::/0', code: 'ip_range_too_wide', because: 'everybody' },
    { input: '::ffff:0:0/96', code: 'ip_range_too_wide', because: 'all of IPv4' },
    {
      input: '::ffff:8.8.8.8/95',
      code: 'ip_range_too_wide',
      because: 'a mapped block shorter than /96',
    },
    { input: '10.0.0.0/24', code: 'ip_range_special', because: 'inside a refused range' },
    { input: '8.0.0.0/6', code: 'ip_range_special', because: 'it contains a refused range' },
    { input: '0.0.0.0/1', code: 'ip_range_special', because: 'half of everybody' },
    { input: '127.0.0.1/32', code: 'ip_range_special', because: 'one address of a refused range' },
    { input: '::ffff:10.0.0.0/104', code: 'ip_range_special', because: 'mapped is IPv4' },
    { input: '2001:db8::/32', code: 'ip_range_special', because: 'documentation' },
    { input: '4000::/3', code: 'ip_range_special', because: 'outside 2000::/3' },
    { input: '::/64', code: 'ip_range_special', because: 'it contains loopback' },
  ])('$input is $code even where blocks are allowed: $because', ({ input, code }) => {
    expect(check(input, RANGES)).toBe(code)
  })

  test('the kind is named in the sentence', () => {
    expect(sentence('10.0.0.1')).toContain('private use')
    expect(sentence('192.0.0.9')).toContain('port control protocol anycast')
    expect(sentence('4000::1')).toContain('outside the global unicast space')
    expect(sentence('fd00::/64')).toContain('unique local')
  })
})

describe('accepted', () => {
  test.each<{ input: string; settings?: EntrySettings; value: string; because: string }>([
    { input: '8.8.8.8', value: '8.8.8.8', because: 'itself' },
    { input: ' \u00a08.8.8.8\u3000\ufeff', value: '8.8.8.8', because: 'white space is trimmed' },
    { input: '::ffff:8.8.8.8', value: '8.8.8.8', because: 'mapped is stored as IPv4' },
    { input: '::FFFF:0808:0808', value: '8.8.8.8', because: 'in any spelling' },
    { input: '2606:4700:0:0:0:0:0:0001', value: '2606:4700::1', because: 'RFC 5952' },
    { input: '2606:4700::ABCD', value: '2606:4700::abcd', because: 'RFC 5952' },
    { input: '2606:4700::1:80', value: '2606:4700::1:80', because: 'no port without brackets' },
    { input: '8.8.8.0/24', settings: RANGES, value: '8.8.8.0/24', because: 'a block' },
    { input: '8.8.8.8/24', settings: RANGES, value: '8.8.8.0/24', because: 'host bits are masked' },
    {
      input: '8.8.8.8/32',
      settings: RANGES,
      value: '8.8.8.8/32',
      because: 'a block of one stays a block',
    },
    {
      input: '::ffff:8.8.8.8/120',
      settings: RANGES,
      value: '8.8.8.0/24',
      because: 'mapped is IPv4',
    },
    {
      input: '2606:4700::1/32',
      settings: RANGES,
      value: '2606:4700::/32',
      because: 'host bits are masked',
    },
    {
      input: '10.0.0.1',
      settings: PRIVATE,
      value: '10.0.0.1',
      because: 'range refusals are lifted',
    },
    { input: '::1', settings: PRIVATE, value: '::1', because: 'range refusals are lifted' },
    { input: '224.0.0.1', settings: PRIVATE, value: '224.0.0.1', because: 'all of them' },
    { input: '10.0.0.0/8', settings: ALL, value: '10.0.0.0/8', because: 'for blocks, too' },
    { input: '::/1', settings: ALL, value: '::/1', because: 'all but /0' },
  ])('$input becomes $value: $because', ({ input, settings, value }) => {
    expect(check(input, settings)).toBe(value)
    expect(check(value, settings)).toBe(value)
  })

  test('one setting does not stand for the other', () => {
    expect(check('10.0.0.0/8', PRIVATE)).toBe('ip_range_not_allowed')
    expect(check('10.0.0.0/8', RANGES)).toBe('ip_range_special')
    expect(check('0.0.0.0/0', ALL)).toBe('ip_range_too_wide')
    expect(check('::ffff:0:0/95', ALL)).toBe('ip_range_too_wide')
  })
})

test.each<{ input: string; is: string; because: string }>([
  { input: '10.0.0.1', is: '10.0.0.1', because: 'allowPrivateAddresses was on once' },
  { input: '8.8.8.0/24', is: '8.8.8.0/24', because: 'allowIpRanges was on once' },
  { input: '10.0.0.0/8', is: '10.0.0.0/8', because: 'both were on once' },
  { input: '0.0.0.0/0', is: 'ip_range_too_wide', because: 'this never was allowed' },
  { input: '8.8.8.8:80', is: 'ip_has_port', because: 'this never was allowed' },
  { input: '8.8.8', is: 'ip_syntax', because: 'this never was allowed' },
])('a stored $input is $is: $because', ({ input, is }) => {
  expect(check(input, STRICT, 'stored')).toBe(is)
})

test.each<{ input: string; gives: string[]; because: string }>([
  {
    input: '2606:4700::a1b2:c3d4:e5f6:1789',
    gives: ['ip_temporary'],
    because: 'a random interface identifier',
  },
  { input: '2606:4700::211:22ff:1:1', gives: ['ip_temporary'], because: 'ff without fe' },
  { input: '2606:4700::211:2200:fe33:1', gives: ['ip_temporary'], because: 'fe without ff' },
  { input: '2606:4700::1', gives: [], because: 'given by hand' },
  { input: '2606:4700::ffff:ffff', gives: [], because: 'given by hand' },
  { input: '2606:4700::211:22ff:fe33:4455', gives: [], because: 'made from a MAC address' },
  { input: '8.8.8.8', gives: [], because: 'IPv4 has no privacy addresses' },
])('$input warns of $gives: $because', ({ input, gives }) => {
  const checked = checkIpEntry(input, STRICT)
  expect(checked.ok && checked.value.warnings.map(({ code }) => code)).toEqual(gives)
})

test('a block warns of nothing', () => {
  const value = { value: '2606:4700::/64', warnings: [] }
  expect(checkIpEntry('2606:4700::/64', STRICT, 'stored')).toEqual({ ok: true, value })
})

test('an accepted entry, checked again, is itself, and nothing throws', () => {
  const entry = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 130 }))
      .map((pair) => pair.join('/')),
    fc.anything(),
  )
  fc.assert(
    fc.property(entry, fc.constantFrom(STRICT, RANGES, PRIVATE, ALL), (input, settings) => {
      const checked = checkIpEntry(input, settings)
      if (checked.ok) expect(checkIpEntry(checked.value.value, settings)).toEqual(checked)
    }),
    { numRuns: 1000 },
  )
})

test('the worst 64 KiB take no more time than they need', () => {
  const started = performance.now()
  for (const part of [':', '[:', '.', '1.', '0', ']:', ' x', '/']) {
    check(`[${part.repeat(65_536 / part.length)}`, RANGES)
  }
  // A quadratic step took 2.8 s for the first of these; the margin is for a busy machine.
  expect(performance.now() - started).toBeLessThan(1000)
})
