import { isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIpAddress, parseIpAddress, parseWrittenAddress } from './ip-address.ts'

function canonical(text: string): string | undefined {
  const address = parseIpAddress(text)
  return address === undefined ? undefined : formatIpAddress(address)
}

describe('what is no address', () => {
  test.each<{ text: string; because: string }>([
    { text: '', because: 'nothing is no address' },
    { text: 'localhost', because: 'a name is no address' },
    { text: 'unknown', because: 'RFC 7239 writes it where nobody knows' },
    { text: '010.0.0.1', because: 'some readers take a leading zero for octal' },
    { text: '10.0.0.01', because: 'zero-padded' },
    { text: '00.0.0.0', because: 'zero-padded zero' },
    { text: '0x7f.0.0.1', because: 'hexadecimal' },
    { text: '0x7f.1', because: 'hexadecimal and short' },
    { text: '127.1', because: 'short form' },
    { text: '1.2.3', because: 'three parts' },
    { text: '2130706433', because: 'one 32-bit number' },
    { text: '017700000001', because: 'octal, one number' },
    { text: '1.2.3.4.5', because: 'five parts' },
    { text: '1.2.3.4.', because: 'a trailing dot' },
    { text: '.1.2.3.4', because: 'a leading dot' },
    { text: '1..3.4', because: 'an empty part' },
    { text: '256.0.0.1', because: 'a part above 255' },
    { text: '1.2.3.256', because: 'a last part above 255' },
    { text: '1.2.3.1000', because: 'four digits' },
    { text: '1.2.3.4 ', because: 'a blank behind' },
    { text: ' 1.2.3.4', because: 'a blank before' },
    { text: '1.2.3.4\0', because: 'a NUL behind' },
    { text: '1.2.3.4\n', because: 'a line break behind' },
    { text: '1.2.3.a', because: 'a letter' },
    { text: '1.2.3.-4', because: 'a sign' },
    { text: '1.2.3.+4', because: 'a sign' },
    { text: '1.2.3.4:80', because: 'a port' },
    { text: '[1.2.3.4]', because: 'brackets' },
    { text: '1.2.3.4/32', because: 'a block' },
    { text: '１.2.3.4', because: 'a full-width digit' },
    { text: '1.2.3.٤', because: 'an Arabic digit' },
    { text: '1,2,3,4', because: 'commas' },
    { text: ':', because: 'a lone colon' },
    { text: ':::', because: 'three colons' },
    { text: '1:::2', because: 'three colons between groups' },
    { text: '1::2::3', because: 'two gaps' },
    { text: '1:2:3:4:5:6:7', because: 'seven groups and no gap' },
    { text: '1:2:3:4:5:6:7:8:9', because: 'nine groups' },
    { text: '1:2:3:4:5:6:7:8::', because: 'a gap that stands for nothing' },
    { text: '::1:2:3:4:5:6:7:8', because: 'a gap that stands for nothing' },
    { text: '1:2:3:4::5:6:7:8', because: 'a gap that stands for nothing' },
    { text: ':1:2:3:4:5:6:7:8', because: 'a lone colon in front' },
    { text: '1:2:3:4:5:6:7:', because: 'a lone colon behind' },
    { text: '12345::', because: 'five digits' },
    { text: 'g::1', because: 'no hexadecimal digit' },
    { text: '::1.2.3', because: 'a short IPv4 tail' },
    { text: '::1.2.3.04', because: 'a zero-padded IPv4 tail' },
    { text: '::ffff:010.0.0.1', because: 'an octal IPv4 tail' },
    { text: '::ffff:0x7f.1', because: 'a hexadecimal IPv4 tail' },
    { text: '1.2.3.4::', because: 'an IPv4 part that is no tail' },
    { text: '::1.2.3.4:5', because: 'an IPv4 part that is no tail' },
    { text: '1:2:3:4:5:6:7:1.2.3.4', because: 'nine groups, the tail counting for two' },
    { text: '1.2.3.4::1', because: 'an IPv4 part before the gap' },
    { text: 'fe80::1%eth0', because: 'a zone' },
    { text: '::1%0', because: 'a numbered zone' },
    { text: '[::1]', because: 'brackets' },
    { text: '[::1]:80', because: 'brackets and a port' },
    { text: '::1/128', because: 'a block' },
    { text: ' ::1', because: 'a blank before' },
    { text: '::1\t', because: 'a tab behind' },
    { text: '::0000000000000000000000000000000000000000001', because: 'longer than any address' },
    { text: `::${'0:'.repeat(40_000)}1`, because: 'far longer than any address' },
  ])('$text: $because', ({ text }) => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})

describe('what an address becomes', () => {
  test.each<{ text: string; is: string; because: string }>([
    { text: '0.0.0.0', is: '0.0.0.0', because: 'the first one' },
    { text: '255.255.255.255', is: '255.255.255.255', because: 'the last one, unsigned' },
    { text: '128.0.0.1', is: '128.0.0.1', because: 'the sign bit is a bit like any other' },
    { text: '203.0.113.7', is: '203.0.113.7', because: 'itself' },
    {
      text: '0000:0000:0000:0000:0000:ffff:255.255.255.255',
      is: '255.255.255.255',
      because: 'the longest spelling, 45 characters',
    },
    { text: '::', is: '::', because: 'all zero' },
    { text: '0:0:0:0:0:0:0:0', is: '::', because: 'RFC 5952 §4.2.1' },
    { text: '::1', is: '::1', because: 'a gap in front' },
    { text: '1::', is: '1::', because: 'a gap behind' },
    { text: '2001:DB8::ABCD', is: '2001:db8::abcd', because: 'RFC 5952 §4.3: lower case' },
    { text: '2001:0db8::0001', is: '2001:db8::1', because: 'RFC 5952 §4.1: no leading zeros' },
    { text: '2001:db8:0:1:1:1:1:1', is: '2001:db8:0:1:1:1:1:1', because: '§4.2.2: one zero stays' },
    { text: '2001:db8::1:1:1:1:1', is: '2001:db8:0:1:1:1:1:1', because: '§4.2.2: written out' },
    { text: '2001:0:0:1:0:0:0:1', is: '2001:0:0:1::1', because: '§4.2.3: the longest run' },
    {
      text: '2001:db8:0:0:1:0:0:1',
      is: '2001:db8::1:0:0:1',
      because: '§4.2.3: the first of equals',
    },
    { text: '1:2:3:4:5:6:7:8', is: '1:2:3:4:5:6:7:8', because: 'no zero at all' },
    { text: '1:2:3:4:5:6:7::', is: '1:2:3:4:5:6:7:0', because: 'a gap for one group' },
    { text: '::2:3:4:5:6:7:8', is: '0:2:3:4:5:6:7:8', because: 'a gap for one group' },
    { text: '64:ff9b::192.0.2.33', is: '64:ff9b::c000:221', because: 'an IPv4 tail' },
    { text: '1:2:3:4:5:6:1.2.3.4', is: '1:2:3:4:5:6:102:304', because: 'an IPv4 tail, no gap' },
    { text: '::1.2.3.4', is: '::102:304', because: 'IPv4-compatible is not IPv4-mapped' },
    { text: '::ffff:0:1.2.3.4', is: '::ffff:0:102:304', because: 'IPv4-translated is not mapped' },
    { text: '::fffe:1.2.3.4', is: '::fffe:102:304', because: 'one bit off is not mapped' },
    { text: '1::ffff:1.2.3.4', is: '1::ffff:102:304', because: 'a first group is not mapped' },
    { text: '0:1::ffff:1.2.3.4', is: '0:1::ffff:102:304', because: 'a second group is not mapped' },
    { text: '0:0:1:0:0:ffff:102:304', is: '::1:0:0:ffff:102:304', because: 'nor a third' },
    { text: '0:0:0:1:0:ffff:102:304', is: '::1:0:ffff:102:304', because: 'nor a fourth' },
    { text: '::1:ffff:1.2.3.4', is: '::1:ffff:102:304', because: 'nor a fifth' },
  ])('$text is $is: $because', ({ text, is }) => {
    expect(canonical(text)).toBe(is)
  })
})

describe('every spelling of an IPv4-mapped address is the IPv4 address', () => {
  test.each<{ text: string; because: string }>([
    { text: '::ffff:1.2.3.4', because: 'the usual one' },
    { text: '::FFFF:1.2.3.4', because: 'upper case' },
    { text: '::ffff:102:304', because: 'hexadecimal groups' },
    { text: '::FFFF:0102:0304', because: 'leading zeros' },
    { text: '0:0:0:0:0:ffff:1.2.3.4', because: 'written out with a tail' },
    { text: '0000:0000:0000:0000:0000:ffff:0102:0304', because: 'written out in full' },
    { text: '0000:0000:0000:0000:0000:FFFF:1.2.3.4', because: 'written out, upper case' },
    { text: '0::ffff:102:304', because: 'a gap elsewhere' },
    { text: '::0:ffff:1.2.3.4', because: 'a gap and a zero' },
    { text: '0:0::0:ffff:1.2.3.4', because: 'a gap between zeros' },
  ])('$text: $because', ({ text }) => {
    expect(parseWrittenAddress(text)).toEqual({ address: parseIpAddress('1.2.3.4'), mapped: true })
  })

  test('the address as written says that it was not mapped', () => {
    expect(parseWrittenAddress('1.2.3.4')?.mapped).toBe(false)
    expect(parseWrittenAddress('2001:db8::1')?.mapped).toBe(false)
    expect(parseWrittenAddress('1.2.3')).toBeUndefined()
  })
})

const octet = fc.integer({ min: 0, max: 255 })
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
const addressLike = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefxF.:%/[] '.split('')),
  maxLength: 24,
})

describe('properties', () => {
  test('canonical text comes back as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const once = canonical(text)
        expect(once).toBeDefined()
        expect(canonical(once ?? '')).toBe(once)
      }),
    )
  })

  test('what Node takes for an address, zones apart, is one here, and nothing else is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), addressLike), (text) => {
        expect(parseIpAddress(text) !== undefined).toBe(isIP(text) !== 0 && !text.includes('%'))
      }),
      { numRuns: 2000 },
    )
  })

  test('an IPv6 address is written as a URL parser writes it', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const written = new URL(`http://[${text}]/`).hostname.slice(1, -1)
        if (parseWrittenAddress(text)?.mapped === false) expect(canonical(text)).toBe(written)
      }),
    )
  })

  test('a mapped address equals the IPv4 address', () => {
    fc.assert(
      fc.property(
        ipv4,
        fc.constantFrom('::ffff:', '::FFFF:', '0:0:0:0:0:ffff:'),
        (text, prefix) => {
          expect(parseIpAddress(prefix + text)).toEqual(parseIpAddress(text))
        },
      ),
    )
  })
})
