import * as fc from 'fast-check'
import { addressText, readAddress, type Address } from '../reference/ip-address.ts'
import { readBlock } from '../reference/ip-block.ts'
import { choose, oneOf } from './choice.ts'

/** Addresses that a list accepts without any setting. */
export const PUBLIC_ADDRESSES: readonly string[] = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.216.34',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2a00:1450:0:0:1::e',
  '2000::',
]

/** Addresses that only an installation inside a network lists. */
export const PRIVATE_ADDRESSES: readonly string[] = [
  '10.1.2.3',
  '127.0.0.1',
  '192.168.0.9',
  '203.0.113.7',
  '224.0.0.1',
  '::1',
  'fd00::1',
  '2001:db8::7',
]

// Rows of the two IANA special-purpose registries, those inside others too, with multicast and
// what lies just outside 2000::/3.
const REGISTRY_ROWS: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.0.0/29',
  '192.0.0.8/32',
  '192.0.0.9/32',
  '192.0.0.10/32',
  '192.0.0.170/31',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '100:0:0:1::/64',
  '2000::/3',
  '2001::/23',
  '2001::/32',
  '2001:1::1/128',
  '2001:1::2/128',
  '2001:1::3/128',
  '2001:2::/48',
  '2001:3::/32',
  '2001:4:112::/48',
  '2001:10::/28',
  '2001:20::/28',
  '2001:30::/28',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/** First and last address of every row, and their neighbours outside. */
const EDGES: readonly Address[] = REGISTRY_ROWS.flatMap((row) => {
  const block = readBlock(row)
  if (typeof block === 'string') throw new Error(`${row} is ${block}`)
  const width = block.family === 4 ? 32 : 128
  const first = BigInt(`0b${block.bits.padEnd(width, '0')}`)
  const last = BigInt(`0b${block.bits.padEnd(width, '1')}`)
  return [first - 1n, first, last, last + 1n].map((number) => ({
    family: block.family,
    bits: BigInt.asUintN(width, number).toString(2).padStart(width, '0'),
  }))
})

const randomIpv4: fc.Arbitrary<Address> = fc
  .array(oneOf(['00000000', '11111111', '01111111', '00001010', '11000000', '01011101']), {
    minLength: 4,
    maxLength: 4,
  })
  .map((octets) => ({ family: 4, bits: octets.join('') }))

const randomIpv6: fc.Arbitrary<Address> = fc
  .array(choose([3, fc.constant(0)], [1, oneOf([1, 0x2001, 0x2a00, 0xffff])], [1, fc.nat(65535)]), {
    minLength: 8,
    maxLength: 8,
  })
  .map((numbers) => readAddress(numbers.map((group) => group.toString(16)).join(':')) ?? LOOPBACK)

const LOOPBACK: Address = { family: 4, bits: '01111111000000000000000000000001' }

/** Any address at all, most of them where a registry row begins or ends. */
export const anyAddress: fc.Arbitrary<Address> = choose(
  [2, oneOf(PUBLIC_ADDRESSES).map((text) => readAddress(text) ?? LOOPBACK)],
  [4, oneOf(EDGES)],
  [1, randomIpv4],
  [2, randomIpv6],
)

/** A way to write an address. */
export type AddressSpelling = (address: Address) => string

/** Ways that mean the same address. */
export const GOOD_SPELLINGS: readonly AddressSpelling[] = [
  addressText,
  (address) => asIpv6(address, { dotted: true }),
  (address) => asIpv6(address, { dotted: false }).toUpperCase(),
  (address) => groups(address).join(':'),
  (address) => groups(address, 4).join(':'),
]

/** Ways that are no address, or another one, in one parser or another. */
export const BAD_SPELLINGS: readonly AddressSpelling[] = [
  (address) => `${addressText(address)}%eth0`,
  (address) => `[${addressText(address)}]`,
  (address) => `0${addressText(address)}`,
  (address) => addressText(address).replace(/[.:](\w+)$/, '.0$1'),
  (address) => addressText(address).replace(/[.:]\w+$/, ''),
  (address) => `${addressText(address)}.`,
  (address) => `${addressText(address)}:`,
  (address) => `:${addressText(address)}`,
  (address) => `${addressText(address)}:1`,
  (address) => `::${addressText(address)}`,
  (address) => `::ffff:0:${addressText(address)}`,
  (address) => `::fffe:${addressText(address)}`,
  (address) => `${addressText(address)}::`,
  (address) => addressText(address).replace('::', ':::'),
  (address) => `0x${BigInt(`0b${address.bits}`).toString(16)}`,
  (address) => BigInt(`0b${address.bits}`).toString(),
  (address) => ` ${addressText(address)}`,
  (address) => addressText(address).replace(/[.:]/, ' .'),
  (address) => `${addressText(address)}\u0000`,
  (address) => `"${addressText(address)}"`,
  (address) => addressText(address).replace(/\d/, '\u0661'),
  (address) => groups(address, 5).join(':'),
  (address) => `0:${groups(address).join(':')}`,
]

function asIpv6(address: Address, { dotted }: { dotted: boolean }): string {
  if (address.family === 6) return dotted ? dottedIpv6(address) : addressText(address)
  return dotted ? `::ffff:${addressText(address)}` : `::ffff:${groups(address).slice(6).join(':')}`
}

function dottedIpv6({ bits }: Address): string {
  const tail = addressText({ family: 4, bits: bits.slice(96) })
  return `${groups({ family: 6, bits }).slice(0, 6).join(':')}:${tail}`
}

/** All eight groups, none left out; an IPv4 address mapped. */
function groups({ family, bits }: Address, width = 1): readonly string[] {
  const all = family === 6 ? bits : '0'.repeat(80) + '1'.repeat(16) + bits
  return (all.match(/.{16}/g) ?? []).map((group) =>
    Number.parseInt(group, 2).toString(16).padStart(width, '0'),
  )
}

/** The address with one bit turned: the next one, or one just outside a block. */
export function withBitTurned(address: Address, position: number): Address {
  const at = address.bits.length - 1 - (position % address.bits.length)
  const turned = address.bits.charAt(at) === '0' ? '1' : '0'
  return { ...address, bits: address.bits.slice(0, at) + turned + address.bits.slice(at + 1) }
}
