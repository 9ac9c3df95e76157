import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts'
import {
  formatIpRange,
  ipRange,
  parseIpAddressOrRange,
  parseIpRange,
  rangeContains,
  rangesOverlap,
  singleAddressRange,
} from './ip-range.ts'

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text)
  if (parsed === undefined) throw new Error(`no address: ${text}`)
  return parsed
}

function formatted(text: string): string | false {
  const range = parseIpAddressOrRange(text)
  return range.ok && formatIpRange(range.value)
}

describe('what is no block', () => {
  test.each<{ text: string; problem: string; because: string }>([
    { text: '', problem: 'ip_syntax', because: 'nothing is no block' },
    { text: '8.8.8.8', problem: 'ip_syntax', because: 'an address has no length' },
    { text: '8.8.8.0/', problem: 'ip_syntax', because: 'an empty length' },
    { text: '/24', problem: 'ip_syntax', because: 'no address' },
    { text: '8.8.8.0/33', problem: 'ip_syntax', because: 'longer than an IPv4 address' },
    { text: '2606::/129', problem: 'ip_syntax', because: 'longer than an IPv6 address' },
    { text: '::ffff:8.8.8.0/129', problem: 'ip_syntax', because: 'longer than an IPv6 address' },
    { text: '8.8.8.0/1000', problem: 'ip_syntax', because: 'four digits' },
    { text: '8.8.8.0/024', problem: 'ip_syntax', because: 'a zero-padded length' },
    { text: '8.8.8.0/00', problem: 'ip_syntax', because: 'a zero-padded zero' },
    { text: '8.8.8.0/+24', problem: 'ip_syntax', because: 'a sign' },
    { text: '8.8.8.0/-1', problem: 'ip_syntax', because: 'a sign' },
    { text: '8.8.8.0/2 4', problem: 'ip_syntax', because: 'a blank inside' },
    { text: '8.8.8.0 /24', problem: 'ip_syntax', because: 'a blank before the slash' },
    { text: '8.8.8.0/24/24', problem: 'ip_syntax', because: 'two lengths' },
    { text: '8.8.8.0/255.255.255.0', problem: 'ip_syntax', because: 'a mask' },
    { text: '8.8.8/24', problem: 'ip_syntax', because: 'a short address' },
    { text: '8.8.8.0:80/24', problem: 'ip_syntax', because: 'a port glued on' },
    { text: '[2606::]/32', problem: 'ip_syntax', because: 'brackets' },
    { text: 'fe80::%1/64', problem: 'ip_syntax', because: 'a zone' },
    { text: '0.0.0.0/0', problem: 'ip_range_too_wide', because: 'everybody' },
    { text: '8.8.8.8/0', problem: 'ip_range_too_wide', because: 'everybody, host bits set' },
    { text: '::/0', problem: 'ip_range_too_wide', because: 'everybody' },
    { text: '::ffff:0:0/0', problem: 'ip_range_too_wide', because: 'everybody' },
    { text: '::ffff:8.8.8.8/95', problem: 'ip_range_too_wide', because: 'wider than all of IPv4' },
    { text: '::ffff:0:0/96', problem: 'ip_range_too_wide', because: 'all of IPv4: /0' },
  ])('$text is $problem: $because', ({ text, problem }) => {
    expect(parseIpRange(text)).toEqual({ ok: false, problem })
  })
})

describe('what a block becomes', () => {
  test.each<{ text: string; is: string; because: string }>([
    { text: '10.0.0.0/8', is: '10.0.0.0/8', because: 'itself' },
    { text: '10.1.2.3/8', is: '10.0.0.0/8', because: 'host bits are masked' },
    { text: '255.255.255.255/1', is: '128.0.0.0/1', because: 'the widest half, unsigned' },
    { text: '8.8.8.9/31', is: '8.8.8.8/31', because: 'a pair' },
    { text: '8.8.8.9/32', is: '8.8.8.9/32', because: 'one address' },
    { text: '2606:4700:ffff::1/32', is: '2606:4700::/32', because: 'host bits are masked' },
    { text: '2606:4700:ffff::1/33', is: '2606:4700:8000::/33', because: 'in the second word' },
    { text: '2606::ffff:ffff:ffff/81', is: '2606::8000:0:0/81', because: 'in the third word' },
    { text: '2606::ffff/127', is: '2606::fffe/127', because: 'in the last word' },
    { text: '2606::1/128', is: '2606::1/128', because: 'one address' },
    { text: 'ffff::/1', is: '8000::/1', because: 'the widest half' },
    { text: '::ffff:10.1.2.3/104', is: '10.0.0.0/8', because: 'a mapped block is the IPv4 block' },
    { text: '::ffff:8.8.8.8/97', is: '0.0.0.0/1', because: 'the widest mapped block' },
    { text: '::ffff:8.8.8.8/128', is: '8.8.8.8/32', because: 'one mapped address' },
  ])('$text is $is: $because', ({ text, is }) => {
    const range = parseIpRange(text)
    expect(range.ok && formatIpRange(range.value)).toBe(is)
    expect(parseIpAddressOrRange(text)).toEqual(range)
  })

  test('a single address is the block that holds it alone', () => {
    expect(formatted('8.8.8.8')).toBe('8.8.8.8/32')
    expect(formatted('::ffff:8.8.8.8')).toBe('8.8.8.8/32')
    expect(formatted('2606::1')).toBe('2606::1/128')
    expect(parseIpAddressOrRange('8.8.8')).toEqual({ ok: false, problem: 'ip_syntax' })
  })

  test('a block that the program names wrongly breaks the program', () => {
    expect(() => ipRange('10.0.0.0/0')).toThrow('ip_range_too_wide')
    expect(formatIpRange(ipRange('10.0.0.0/8'))).toBe('10.0.0.0/8')
  })
})

describe('what lies in a block', () => {
  test.each<{ range: string; address: string; inside: boolean; because: string }>([
    { range: '10.0.0.0/8', address: '9.255.255.255', inside: false, because: 'one below' },
    { range: '10.0.0.0/8', address: '11.0.0.0', inside: false, because: 'one above' },
    { range: '10.0.0.0/8', address: '10.0.0.0', inside: true, because: 'the first' },
    { range: '10.0.0.0/8', address: '10.255.255.255', inside: true, because: 'the last' },
    { range: '10.0.0.0/8', address: '::ffff:10.1.2.3', inside: true, because: 'mapped is IPv4' },
    { range: '10.0.0.0/8', address: '::10.1.2.3', inside: false, because: 'compatible is not' },
    { range: '10.0.0.0/8', address: 'a00::', inside: false, because: 'the same bits in IPv6' },
    { range: 'a00::/8', address: '10.0.0.0', inside: false, because: 'the same bits in IPv4' },
    { range: '::/1', address: '8.8.8.8', inside: false, because: 'IPv4 lies in no IPv6 block' },
    { range: '8.8.8.8/31', address: '8.8.8.9', inside: true, because: 'the second of two' },
    { range: '8.8.8.8/31', address: '8.8.8.10', inside: false, because: 'a third of two' },
    { range: '8.8.8.8/32', address: '8.8.8.9', inside: false, because: 'a block of one' },
    { range: '0.0.0.0/1', address: '127.255.255.255', inside: true, because: 'the lower half' },
    { range: '0.0.0.0/1', address: '128.0.0.0', inside: false, because: 'the sign bit counts' },
    { range: '2606:4700::/32', address: '2606:4701::', inside: false, because: 'first word' },
    { range: '2606:4700::/48', address: '2606:4700:1::', inside: false, because: 'second word' },
    { range: '2606:4700::/80', address: '2606:4700::1:0:0', inside: true, because: 'behind it' },
    { range: '2606:4700::/81', address: '2606:4700::8000:0:0', inside: false, because: 'third' },
    { range: '2606:4700::/127', address: '2606:4700::1', inside: true, because: 'a pair' },
    { range: '2606:4700::/127', address: '2606:4700::2', inside: false, because: 'fourth word' },
    { range: '2606:4700::1/128', address: '2606:4700::', inside: false, because: 'a block of one' },
  ])('$address in $range: $inside, $because', ({ range, address: text, inside }) => {
    expect(rangeContains(ipRange(range), address(text))).toBe(inside)
  })

  test.each<{ one: string; other: string; overlap: boolean; because: string }>([
    { one: '10.0.0.0/8', other: '11.0.0.0/8', overlap: false, because: 'neighbours' },
    { one: '10.0.0.0/8', other: 'a00::/8', overlap: false, because: 'other versions' },
    { one: '10.0.0.0/8', other: '10.1.0.0/16', overlap: true, because: 'the second inside' },
    { one: '10.1.0.0/16', other: '10.0.0.0/8', overlap: true, because: 'the first inside' },
    { one: '2606::/16', other: '2606:1::/32', overlap: true, because: 'IPv6 inside' },
    { one: '2606::/17', other: '2606:8000::/17', overlap: false, because: 'two halves' },
  ])('$one and $other: $overlap, $because', ({ one, other, overlap }) => {
    expect(rangesOverlap(ipRange(one), ipRange(other))).toBe(overlap)
  })
})

const octet = fc.integer({ min: 0, max: 255 })
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
const ipv6 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'))

/** The address as a number of its own width: a second reading, by other means. */
function numberOf({ words }: IpAddress): bigint {
  return words.reduce((sum, word) => sum * 0x1_0000_0000n + BigInt(word), 0n)
}

describe('properties', () => {
  test('a block holds exactly the addresses that share its leading bits', () => {
    const block = fc.oneof(
      fc.tuple(ipv4, ipv4, fc.integer({ min: 1, max: 32 })),
      fc.tuple(ipv6, ipv6, fc.integer({ min: 1, max: 128 })),
    )
    fc.assert(
      fc.property(block, fc.boolean(), ([inside, other, length], isNear) => {
        const first = address(inside)
        const range = ipRange(`${inside}/${length}`)
        const hostBits = BigInt(first.words.length * 32 - length)
        const probe = isNear ? range.first : address(other)
        const shares = numberOf(first) >> hostBits === numberOf(probe) >> hostBits
        expect(rangeContains(range, probe)).toBe(shares && first.version === probe.version)
        expect(rangeContains(range, first)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('canonical text comes back as itself', () => {
    fc.assert(
      fc.property(ipv6, fc.integer({ min: 1, max: 128 }), (text, length) => {
        const range = parseIpRange(`${text}/${length}`)
        if (!range.ok) return
        expect(parseIpRange(formatIpRange(range.value))).toEqual(range)
      }),
    )
  })

  test('the block of one address holds it and not its neighbour', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), fc.oneof(ipv4, ipv6), (text, other) => {
        const range = singleAddressRange(address(text))
        const isSame = formatIpAddress(address(text)) === formatIpAddress(address(other))
        expect(rangeContains(range, address(other))).toBe(isSame)
      }),
    )
  })
})
