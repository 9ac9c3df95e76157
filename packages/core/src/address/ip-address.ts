import type { Brand } from '../parsed.ts'

/**
 * One IPv4 address (one word) or IPv6 address (four words), each word an unsigned 32-bit number,
 * most significant first. An IPv4-mapped IPv6 address is always the IPv4 address (spec §4).
 */
export type IpAddress = Brand<
  | { readonly version: 4; readonly words: Ipv4Words }
  | { readonly version: 6; readonly words: Ipv6Words },
  'IpAddress'
>

type Ipv4Words = readonly [number]
type Ipv6Words = readonly [number, number, number, number]

/** The address as written, before a mapped one becomes IPv4: prefix lengths need to know. */
export interface WrittenAddress {
  readonly address: IpAddress
  readonly mapped: boolean
}

/**
 * Reads one address in its usual notation: dotted quad without leading zeros, or RFC 4291 §2.2
 * (any case, `::`, an IPv4 tail). No port, brackets, zone, blanks, octal, hexadecimal or short form.
 * @returns `undefined` for everything else; callers treat that as "no address".
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  return parseWrittenAddress(text)?.address
}

/** As {@link parseIpAddress}, and tells whether the text was an IPv4-mapped IPv6 address. */
export function parseWrittenAddress(text: string): WrittenAddress | undefined {
  if (text.includes(':')) return parseIpv6(text)
  const word = parseIpv4Word(text)
  return word === undefined ? undefined : { address: addressOfWords([word]), mapped: false }
}

/** Canonical text: dotted quad, or RFC 5952 §4. */
export function formatIpAddress(address: IpAddress): string {
  if (address.version === 6) return formatIpv6(groupsOf(address.words))
  const word = address.words[0]
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/** The address made of these words; the words are trusted, so only parsers and maskers call it. */
export function addressOfWords(words: Ipv4Words | Ipv6Words): IpAddress {
  return { version: words.length === 1 ? 4 : 6, words } as IpAddress
}

const DOT = 46
const ZERO = 48

function parseIpv4Word(text: string): number | undefined {
  if (text.length > 15) return undefined
  let word = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : DOT
    if (code === DOT) {
      if (digits === 0 || part > 255) return undefined
      word = word * 256 + part
      part = digits = 0
      dots++
      continue
    }
    const digit = code - ZERO
    // A second digit after a leading zero would be octal to some readers (CVE-2021-28918).
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return undefined
    part = part * 10 + digit
    digits++
  }
  return dots === 4 ? word : undefined
}

const GROUP = /^[0-9a-f]{1,4}$/i

function parseIpv6(text: string): WrittenAddress | undefined {
  if (text.length > 45) return undefined
  const gap = text.indexOf('::')
  if (gap === -1) {
    const groups = parseGroups(text, true)
    return groups?.length === 8 ? addressOfGroups(groups, []) : undefined
  }
  const head = parseGroups(text.slice(0, gap), false)
  const tail = parseGroups(text.slice(gap + 2), true)
  // The gap stands for one group at least.
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined
  return addressOfGroups(head, tail)
}

/** The groups before and after the gap, zeros between them. */
function addressOfGroups(head: readonly number[], tail: readonly number[]): WrittenAddress {
  const gap = Array<number>(8 - head.length - tail.length).fill(0)
  // `as`: head, gap and tail are eight groups together.
  const [a, b, c, d, e, f, g, h] = [...head, ...gap, ...tail] as EightGroups
  const mapped = a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff
  if (mapped) return { address: addressOfWords([wordOf(g, h)]), mapped }
  const words = [wordOf(a, b), wordOf(c, d), wordOf(e, f), wordOf(g, h)] as const
  return { address: addressOfWords(words), mapped }
}

type EightGroups = [number, number, number, number, number, number, number, number]

function wordOf(high: number, low: number): number {
  return high * 0x10000 + low
}

/** The 16-bit groups of one side of `::`; an IPv4 tail, allowed at the very end, gives two. */
function parseGroups(side: string, mayEndInIpv4: boolean): number[] | undefined {
  if (side === '') return []
  const groups: number[] = []
  const parts = side.split(':')
  for (const [at, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const word = mayEndInIpv4 && at === parts.length - 1 ? parseIpv4Word(part) : undefined
    if (word === undefined) return undefined
    groups.push(word >>> 16, word & 0xffff)
  }
  return groups
}

function groupsOf(words: readonly number[]): number[] {
  return words.flatMap((word) => [word >>> 16, word & 0xffff])
}

/** RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, becomes `::`. */
function formatIpv6(groups: readonly number[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.length < 2) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}
