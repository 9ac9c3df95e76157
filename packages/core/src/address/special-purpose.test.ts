import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IpAddress, parseIpAddress } from './ip-address.ts'
import { ipRange } from './ip-range.ts'
import { specialPurposeKind, specialPurposeKindIn } from './special-purpose.ts'

function kindOf(text: string): string | undefined {
  const address = parseIpAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return specialPurposeKind(address)
}

const NOT_GLOBAL = 'outside the global unicast space 2000::/3'

/** Rows of the IANA registries, with the kind at each end and at the address on either side. */
interface Row {
  block: string
  first: string
  last: string
  kind: string
  below: string
  belowKind?: string
  above: string
  aboveKind?: string
}

describe('IPv4: each row, its first and last address and both neighbours', () => {
  test.each<Row>([
    {
      block: '0.0.0.0/8',
      first: '0.0.0.1',
      last: '0.255.255.255',
      kind: 'this network',
      below: '0.0.0.0',
      belowKind: 'the unspecified address',
      above: '1.0.0.0',
    },
    {
      block: '0.0.0.0/32',
      first: '0.0.0.0',
      last: '0.0.0.0',
      kind: 'the unspecified address',
      below: '255.255.255.255',
      belowKind: 'limited broadcast',
      above: '0.0.0.1',
      aboveKind: 'this network',
    },
    {
      block: '10.0.0.0/8',
      first: '10.0.0.0',
      last: '10.255.255.255',
      kind: 'private use',
      below: '9.255.255.255',
      above: '11.0.0.0',
    },
    {
      block: '100.64.0.0/10',
      first: '100.64.0.0',
      last: '100.127.255.255',
      kind: 'shared by a carrier-grade NAT',
      below: '100.63.255.255',
      above: '100.128.0.0',
    },
    {
      block: '127.0.0.0/8',
      first: '127.0.0.0',
      last: '127.255.255.255',
      kind: 'loopback',
      below: '126.255.255.255',
      above: '128.0.0.0',
    },
    {
      block: '169.254.0.0/16',
      first: '169.254.0.0',
      last: '169.254.255.255',
      kind: 'link-local',
      below: '169.253.255.255',
      above: '169.255.0.0',
    },
    {
      block: '172.16.0.0/12',
      first: '172.16.0.0',
      last: '172.31.255.255',
      kind: 'private use',
      below: '172.15.255.255',
      above: '172.32.0.0',
    },
    {
      block: '192.0.0.0/24',
      first: '192.0.0.11',
      last: '192.0.0.255',
      kind: 'IETF protocol assignments',
      below: '192.0.0.10',
      belowKind: 'TURN anycast',
      above: '192.0.1.0',
    },
    {
      block: '192.0.0.0/29',
      first: '192.0.0.0',
      last: '192.0.0.7',
      kind: 'IPv4 service continuity',
      below: '191.255.255.255',
      above: '192.0.0.8',
      aboveKind: 'the IPv4 dummy address',
    },
    {
      block: '192.0.0.8/32',
      first: '192.0.0.8',
      last: '192.0.0.8',
      kind: 'the IPv4 dummy address',
      below: '192.0.0.7',
      belowKind: 'IPv4 service continuity',
      above: '192.0.0.9',
      aboveKind: 'port control protocol anycast',
    },
    {
      block: '192.0.0.9/32',
      first: '192.0.0.9',
      last: '192.0.0.9',
      kind: 'port control protocol anycast',
      below: '192.0.0.8',
      belowKind: 'the IPv4 dummy address',
      above: '192.0.0.10',
      aboveKind: 'TURN anycast',
    },
    {
      block: '192.0.0.10/32',
      first: '192.0.0.10',
      last: '192.0.0.10',
      kind: 'TURN anycast',
      below: '192.0.0.9',
      belowKind: 'port control protocol anycast',
      above: '192.0.0.11',
      aboveKind: 'IETF protocol assignments',
    },
    {
      block: '192.0.0.170/32',
      first: '192.0.0.170',
      last: '192.0.0.170',
      kind: 'NAT64/DNS64 discovery',
      below: '192.0.0.169',
      belowKind: 'IETF protocol assignments',
      above: '192.0.0.171',
      aboveKind: 'NAT64/DNS64 discovery',
    },
    {
      block: '192.0.0.171/32',
      first: '192.0.0.171',
      last: '192.0.0.171',
      kind: 'NAT64/DNS64 discovery',
      below: '192.0.0.170',
      belowKind: 'NAT64/DNS64 discovery',
      above: '192.0.0.172',
      aboveKind: 'IETF protocol assignments',
    },
    {
      block: '192.0.2.0/24',
      first: '192.0.2.0',
      last: '192.0.2.255',
      kind: 'documentation',
      below: '192.0.1.255',
      above: '192.0.3.0',
    },
    {
      block: '192.31.196.0/24',
      first: '192.31.196.0',
      last: '192.31.196.255',
      kind: 'AS112 anycast',
      below: '192.31.195.255',
      above: '192.31.197.0',
    },
    {
      block: '192.52.193.0/24',
      first: '192.52.193.0',
      last: '192.52.193.255',
      kind: 'automatic multicast tunneling',
      below: '192.52.192.255',
      above: '192.52.194.0',
    },
    {
      block: '192.88.99.0/24',
      first: '192.88.99.0',
      last: '192.88.99.255',
      kind: 'deprecated 6to4 relay anycast',
      below: '192.88.98.255',
      above: '192.88.100.0',
    },
    {
      block: '192.88.99.2/32',
      first: '192.88.99.2',
      last: '192.88.99.2',
      kind: '6a44 relay anycast',
      below: '192.88.99.1',
      belowKind: 'deprecated 6to4 relay anycast',
      above: '192.88.99.3',
      aboveKind: 'deprecated 6to4 relay anycast',
    },
    {
      block: '192.168.0.0/16',
      first: '192.168.0.0',
      last: '192.168.255.255',
      kind: 'private use',
      below: '192.167.255.255',
      above: '192.169.0.0',
    },
    {
      block: '192.175.48.0/24',
      first: '192.175.48.0',
      last: '192.175.48.255',
      kind: 'AS112 anycast',
      below: '192.175.47.255',
      above: '192.175.49.0',
    },
    {
      block: '198.18.0.0/15',
      first: '198.18.0.0',
      last: '198.19.255.255',
      kind: 'benchmarking',
      below: '198.17.255.255',
      above: '198.20.0.0',
    },
    {
      block: '198.51.100.0/24',
      first: '198.51.100.0',
      last: '198.51.100.255',
      kind: 'documentation',
      below: '198.51.99.255',
      above: '198.51.101.0',
    },
    {
      block: '203.0.113.0/24',
      first: '203.0.113.0',
      last: '203.0.113.255',
      kind: 'documentation',
      below: '203.0.112.255',
      above: '203.0.114.0',
    },
    {
      block: '224.0.0.0/4',
      first: '224.0.0.0',
      last: '239.255.255.255',
      kind: 'multicast',
      below: '223.255.255.255',
      above: '240.0.0.0',
      aboveKind: 'reserved',
    },
    {
      block: '240.0.0.0/4',
      first: '240.0.0.0',
      last: '255.255.255.254',
      kind: 'reserved',
      below: '239.255.255.255',
      belowKind: 'multicast',
      above: '255.255.255.255',
      aboveKind: 'limited broadcast',
    },
    {
      block: '255.255.255.255/32',
      first: '255.255.255.255',
      last: '255.255.255.255',
      kind: 'limited broadcast',
      below: '255.255.255.254',
      belowKind: 'reserved',
      above: '0.0.0.0',
      aboveKind: 'the unspecified address',
    },
  ])('$block: $kind', ({ block, first, last, kind, below, belowKind, above, aboveKind }) => {
    expect([kindOf(first), kindOf(last)]).toEqual([kind, kind])
    expect([kindOf(below), kindOf(above)]).toEqual([belowKind, aboveKind])
    expect(specialPurposeKindIn(ipRange(block))).toBeDefined()
  })
})

describe('IPv6: each row, its first and last address and both neighbours', () => {
  const IETF = 'IETF protocol assignments'
  test.each<Row>([
    {
      block: '::/128',
      first: '::',
      last: '::',
      kind: 'the unspecified address',
      below: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: 'multicast',
      above: '::1',
      aboveKind: 'loopback',
    },
    {
      block: '::1/128',
      first: '::1',
      last: '::1',
      kind: 'loopback',
      below: '::',
      belowKind: 'the unspecified address',
      above: '::2',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: '64:ff9b::/96',
      first: '64:ff9b::',
      last: '64:ff9b::ffff:ffff',
      kind: 'IPv4-IPv6 translation',
      below: '64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: '64:ff9b::1:0:0',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: '64:ff9b:1::/48',
      first: '64:ff9b:1::',
      last: '64:ff9b:1:ffff:ffff:ffff:ffff:ffff',
      kind: 'IPv4-IPv6 translation',
      below: '64:ff9b:0:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: '64:ff9b:2::',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: '100::/64',
      first: '100::',
      last: '100::ffff:ffff:ffff:ffff',
      kind: 'discard-only',
      below: 'ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: '100:0:0:1::',
      aboveKind: 'a dummy prefix',
    },
    {
      block: '100:0:0:1::/64',
      first: '100:0:0:1::',
      last: '100:0:0:1:ffff:ffff:ffff:ffff',
      kind: 'a dummy prefix',
      below: '100::ffff:ffff:ffff:ffff',
      belowKind: 'discard-only',
      above: '100:0:0:2::',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: '2001::/23',
      first: '2001:40::',
      last: '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: IETF,
      below: '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: 'drone remote identification',
      above: '2001:200::',
    },
    {
      block: '2001::/32',
      first: '2001::',
      last: '2001:0:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'Teredo',
      below: '2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      above: '2001:1::',
      aboveKind: IETF,
    },
    {
      block: '2001:1::1/128',
      first: '2001:1::1',
      last: '2001:1::1',
      kind: 'port control protocol anycast',
      below: '2001:1::',
      belowKind: IETF,
      above: '2001:1::2',
      aboveKind: 'TURN anycast',
    },
    {
      block: '2001:1::2/128',
      first: '2001:1::2',
      last: '2001:1::2',
      kind: 'TURN anycast',
      below: '2001:1::1',
      belowKind: 'port control protocol anycast',
      above: '2001:1::3',
      aboveKind: 'DNS-SD service registration anycast',
    },
    {
      block: '2001:1::3/128',
      first: '2001:1::3',
      last: '2001:1::3',
      kind: 'DNS-SD service registration anycast',
      below: '2001:1::2',
      belowKind: 'TURN anycast',
      above: '2001:1::4',
      aboveKind: IETF,
    },
    {
      block: '2001:2::/48',
      first: '2001:2::',
      last: '2001:2:0:ffff:ffff:ffff:ffff:ffff',
      kind: 'benchmarking',
      below: '2001:1:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: IETF,
      above: '2001:2:1::',
      aboveKind: IETF,
    },
    {
      block: '2001:3::/32',
      first: '2001:3::',
      last: '2001:3:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'automatic multicast tunneling',
      below: '2001:2:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: IETF,
      above: '2001:4::',
      aboveKind: IETF,
    },
    {
      block: '2001:4:112::/48',
      first: '2001:4:112::',
      last: '2001:4:112:ffff:ffff:ffff:ffff:ffff',
      kind: 'AS112 anycast',
      below: '2001:4:111:ffff:ffff:ffff:ffff:ffff',
      belowKind: IETF,
      above: '2001:4:113::',
      aboveKind: IETF,
    },
    {
      block: '2001:10::/28',
      first: '2001:10::',
      last: '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'deprecated ORCHID',
      below: '2001:f:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: IETF,
      above: '2001:20::',
      aboveKind: 'ORCHIDv2',
    },
    {
      block: '2001:20::/28',
      first: '2001:20::',
      last: '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'ORCHIDv2',
      below: '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: 'deprecated ORCHID',
      above: '2001:30::',
      aboveKind: 'drone remote identification',
    },
    {
      block: '2001:30::/28',
      first: '2001:30::',
      last: '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'drone remote identification',
      below: '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: 'ORCHIDv2',
      above: '2001:40::',
      aboveKind: IETF,
    },
    {
      block: '2001:db8::/32',
      first: '2001:db8::',
      last: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'documentation',
      below: '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
      above: '2001:db9::',
    },
    {
      block: '2002::/16',
      first: '2002::',
      last: '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: '6to4',
      below: '2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      above: '2003::',
    },
    {
      block: '2620:4f:8000::/48',
      first: '2620:4f:8000::',
      last: '2620:4f:8000:ffff:ffff:ffff:ffff:ffff',
      kind: 'AS112 anycast',
      below: '2620:4f:7fff:ffff:ffff:ffff:ffff:ffff',
      above: '2620:4f:8001::',
    },
    {
      block: '3fff::/20',
      first: '3fff::',
      last: '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'documentation',
      below: '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      above: '3fff:1000::',
    },
    {
      block: '5f00::/16',
      first: '5f00::',
      last: '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'segment routing',
      below: '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: '5f01::',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: 'fc00::/7',
      first: 'fc00::',
      last: 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'private use (unique local)',
      below: 'fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: 'fe00::',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: 'fe80::/10',
      first: 'fe80::',
      last: 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'link-local',
      below: 'fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: 'fec0::',
      aboveKind: NOT_GLOBAL,
    },
    {
      block: 'ff00::/8',
      first: 'ff00::',
      last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      kind: 'multicast',
      below: 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      belowKind: NOT_GLOBAL,
      above: '::',
      aboveKind: 'the unspecified address',
    },
    {
      block: '2000::/3',
      first: '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      last: '4000::',
      kind: NOT_GLOBAL,
      below: '2000::',
      above: '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    },
  ])('$block: $kind', ({ block, first, last, kind, below, belowKind, above, aboveKind }) => {
    expect([kindOf(first), kindOf(last)]).toEqual([kind, kind])
    expect([kindOf(below), kindOf(above)]).toEqual([belowKind, aboveKind])
    expect(specialPurposeKindIn(ipRange(block))).toBeDefined()
  })

  test('the row ::ffff:0:0/96 is the IPv4 space itself', () => {
    expect(kindOf('::ffff:10.0.0.1')).toBe('private use')
    expect(kindOf('::ffff:8.8.8.8')).toBeUndefined()
  })
})

describe('a block that touches a special one', () => {
  test.each<{ block: string; kind: string | undefined; because: string }>([
    { block: '10.1.2.0/24', kind: 'private use', because: 'it lies inside' },
    { block: '8.0.0.0/6', kind: 'private use', because: 'it contains one' },
    { block: '192.0.0.0/28', kind: 'the IPv4 dummy address', because: 'the most specific row' },
    { block: '128.0.0.0/1', kind: 'the IPv4 dummy address', because: 'half of everybody' },
    { block: '2000::/16', kind: undefined, because: 'global unicast without a row' },
    { block: '1000::/4', kind: NOT_GLOBAL, because: 'it lies outside 2000::/3' },
    { block: '6000::/3', kind: NOT_GLOBAL, because: 'it lies outside and has no row' },
    { block: '3ffe::/16', kind: undefined, because: 'the former 6bone is ordinary now' },
    { block: '8.8.8.0/24', kind: undefined, because: 'an ordinary block' },
    { block: '2606:4700::/32', kind: undefined, because: 'an ordinary block' },
  ])('$block is $kind: $because', ({ block, kind }) => {
    expect(specialPurposeKindIn(ipRange(block))).toBe(kind)
  })
})

test('a block around a special address is never ordinary', () => {
  const special = fc.constantFrom('10.9.8.7', '127.0.0.1', '192.0.2.1', '224.0.0.1', '198.18.7.7')
  fc.assert(
    fc.property(special, fc.integer({ min: 1, max: 32 }), (text, length) => {
      expect(specialPurposeKindIn(ipRange(`${text}/${length}`))).toBeDefined()
    }),
  )
})

function dotted(word: number): string {
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.')
}

test('an ordinary block holds no special address', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff })
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 32 }), (start, offset, length) => {
      const range = ipRange(`${dotted(start)}/${length}`)
      if (specialPurposeKindIn(range) !== undefined) return
      const [first = 0] = range.first.words
      const inside: IpAddress | undefined = parseIpAddress(
        dotted(first + (offset % 2 ** (32 - length))),
      )
      expect(inside && specialPurposeKind(inside)).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})
