import type { Parsed } from '../parsed.ts'
import {
  addressOfWords,
  formatIpAddress,
  type IpAddress,
  parseWrittenAddress,
} from './ip-address.ts'

/** A block of addresses: its first address, host bits zero, and how many leading bits are fixed. */
export interface IpRange {
  readonly first: IpAddress
  readonly prefixLength: number
}

/** Why a text is no usable block: not one at all, or as wide as everybody. */
export type IpRangeProblem = 'ip_syntax' | 'ip_range_too_wide'

/**
 * Reads `address/length` (RFC 4632 §3.1, RFC 4291 §2.3). Host bits are masked; a mapped block of
 * length 96 or more becomes the IPv4 block, a shorter one is too wide, and so is `/0` (spec §5).
 */
export function parseIpRange(text: string): Parsed<IpRange, IpRangeProblem> {
  const slash = text.indexOf('/')
  const written = parseWrittenAddress(text.slice(0, Math.max(slash, 0)))
  const length = parsePrefixLength(text.slice(slash + 1))
  if (written === undefined || length === undefined) return syntax
  const { address, mapped } = written
  if (length > (mapped || address.version === 6 ? 128 : 32)) return syntax
  if (length === 0 || (mapped && length <= 96)) return tooWide
  const prefixLength = mapped ? length - 96 : length
  return { ok: true, value: maskedRange(address, prefixLength) }
}

/** As {@link parseIpRange}, and a single address is the block that holds it alone. */
export function parseIpAddressOrRange(text: string): Parsed<IpRange, IpRangeProblem> {
  if (text.includes('/')) return parseIpRange(text)
  const address = parseWrittenAddress(text)?.address
  return address === undefined ? syntax : { ok: true, value: singleAddressRange(address) }
}

/**
 * The block that the program itself names.
 * @throws Error if the text is no usable block: a broken program, never a caller's doing.
 */
export function ipRange(text: string): IpRange {
  const range = parseIpRange(text)
  if (!range.ok) throw new Error(`${text} is no block: ${range.problem}`)
  return range.value
}

/** The block that holds one address alone. */
export function singleAddressRange(address: IpAddress): IpRange {
  return { first: address, prefixLength: address.version === 4 ? 32 : 128 }
}

/** Canonical text: the first address in canonical form, `/`, the length. */
export function formatIpRange(range: IpRange): string {
  return `${formatIpAddress(range.first)}/${range.prefixLength}`
}

/** Whether `address` lies in `range`. An IPv4 address lies in no IPv6 block, nor the reverse. */
export function rangeContains(range: IpRange, address: IpAddress): boolean {
  return sharesPrefix(range.first, address, range.prefixLength)
}

/** Whether the two blocks have an address in common. */
export function rangesOverlap(one: IpRange, other: IpRange): boolean {
  return sharesPrefix(one.first, other.first, Math.min(one.prefixLength, other.prefixLength))
}

const syntax = { ok: false, problem: 'ip_syntax' } as const
const tooWide = { ok: false, problem: 'ip_range_too_wide' } as const

function parsePrefixLength(text: string): number | undefined {
  return /^(0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : undefined
}

function maskedRange(address: IpAddress, prefixLength: number): IpRange {
  return { first: maskedAddress(address, prefixLength), prefixLength }
}

function maskedAddress({ version, words }: IpAddress, prefixLength: number): IpAddress {
  if (version === 4) return addressOfWords([maskedWord(words[0], prefixLength)])
  return addressOfWords([
    maskedWord(words[0], prefixLength),
    maskedWord(words[1], prefixLength - 32),
    maskedWord(words[2], prefixLength - 64),
    maskedWord(words[3], prefixLength - 96),
  ])
}

function maskedWord(word: number, bits: number): number {
  return (word & wordMask(bits)) >>> 0
}

/** The mask of one 32-bit word of which `bits` leading bits count (below 0: none, above 32: all). */
function wordMask(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? -1 : -1 << (32 - bits)
}

function sharesPrefix(one: IpAddress, other: IpAddress, prefixLength: number): boolean {
  if (one.version === 4) {
    return other.version === 4 && sharesBits(one.words[0], other.words[0], prefixLength)
  }
  return (
    other.version === 6 &&
    sharesBits(one.words[0], other.words[0], prefixLength) &&
    sharesBits(one.words[1], other.words[1], prefixLength - 32) &&
    sharesBits(one.words[2], other.words[2], prefixLength - 64) &&
    sharesBits(one.words[3], other.words[3], prefixLength - 96)
  )
}

function sharesBits(one: number, other: number, bits: number): boolean {
  return ((one ^ other) & wordMask(bits)) === 0
}
