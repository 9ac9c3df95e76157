import { remembered } from './remembered.ts'

/**
 * An address as the string of its bits, `0` and `1`: 32 of them, or 128. Slow, and plain to see:
 * a block contains an address whose bits start with the block's.
 */
export interface Address {
  readonly family: 4 | 6
  readonly bits: string
}

/**
 * Reads an address in its usual notation (spec §4, §5); an IPv4-mapped one comes back as IPv4.
 * @returns null for anything else, zones, brackets, ports and short forms included
 */
export const readAddress: (text: string) => Address | null = remembered(
  (text) => readIpv4(text) ?? readIpv6(text),
)

/** Reads `a.b.c.d`; octal, hexadecimal, short and zero-padded forms give null. */
export function readIpv4(text: string): Address | null {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1)
  // "Octal, hexadecimal, short, zero-padded (IPv4) and zoned forms are not addresses."
  if (!octets?.every((octet) => /^(0|[1-9]\d*)$/.test(octet) && Number(octet) <= 255)) return null
  return { family: 4, bits: octets.map((octet) => toBits(Number(octet), 8)).join('') }
}

/** Reads an IPv6 address without brackets or zone; a mapped one comes back as IPv4. */
export function readIpv6(text: string): Address | null {
  const bits = readIpv6Bits(text)
  if (bits === null) return null
  // "IPv4-mapped IPv6 (`::ffff:a.b.c.d` in any spelling) is the IPv4 address."
  return isMapped(bits) ? { family: 4, bits: bits.slice(96) } : { family: 6, bits }
}

/** The 128 bits of an IPv6 address as they are written, mapped or not; null if it is none. */
export function readIpv6Bits(text: string): string | null {
  const groups = groupsOf(text)
  if (groups === null) return null
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.map((group) => toBits(Number.parseInt(group, 16), 16)).join('')
}

/** Whether 128 bits lie in ::ffff:0:0/96. */
export function isMapped(bits: string): boolean {
  return bits.startsWith('0'.repeat(80) + '1'.repeat(16))
}

/** Canonical text: dotted decimal, or RFC 5952 §4. */
export function addressText({ bits }: Address): string {
  return textOfBits(bits)
}

const textOfBits = remembered((bits) => (bits.length === 32 ? ipv4Text(bits) : ipv6Text(bits)))

function ipv4Text(bits: string): string {
  return chunks(bits, 8)
    .map((octet) => Number.parseInt(octet, 2))
    .join('.')
}

function ipv6Text(bits: string): string {
  const groups = chunks(bits, 16).map((group) => Number.parseInt(group, 2).toString(16))
  // RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, is `::`.
  for (let length = 8; length >= 2; length--) {
    for (let start = 0; start + length <= 8; start++) {
      if (groups.slice(start, start + length).every((group) => group === '0')) {
        return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
      }
    }
  }
  return groups.join(':')
}

function groupsOf(text: string): readonly string[] | null {
  const plain = withoutDottedEnd(text)
  if (plain === null) return null
  const halves = plain.split('::')
  if (halves.length > 2) return null
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (halves.length === 1) return left.length === 8 ? left : null
  const missing = 8 - left.length - right.length
  // RFC 4291 §2.2: `::` stands for one or more groups of zeros.
  if (missing < 1) return null
  return [...left, ...Array.from({ length: missing }, () => '0'), ...right]
}

/** `::ffff:1.2.3.4` to `::ffff:102:304`; null if what has dots at its end is no IPv4 address. */
function withoutDottedEnd(text: string): string | null {
  if (!text.includes('.')) return text
  const lastColon = text.lastIndexOf(':')
  const tail = readIpv4(text.slice(lastColon + 1))
  if (lastColon === -1 || tail === null) return null
  const groups = chunks(tail.bits, 16).map((group) => Number.parseInt(group, 2).toString(16))
  return text.slice(0, lastColon + 1) + groups.join(':')
}

function toBits(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}

function chunks(bits: string, width: number): readonly string[] {
  return bits.match(new RegExp(`.{${width}}`, 'g')) ?? []
}
