import type { Domain, DomainPattern, IpAddress, IpRange } from '@keyfence/core'
import { type Heap, octetAt } from './heap.ts'
import {
  BELOW,
  BELOW_AND_ITSELF,
  domainCount,
  domainsAt,
  IPV4_OCTETS,
  IPV6_MARK,
  IPV6_OCTETS,
  ipCount,
  ipsAt,
} from './record.ts'
import type { RecordWriter } from './record-writer.ts'

/** How many octets a domain entry takes up at most. */
export function domainOctetsMax({ exact, suffix }: DomainPattern): number {
  return 2 + (exact ?? suffix ?? '').length
}

/** Writes a domain entry: its length, then its characters, the first of which says what it matches. */
export function writeDomain(writer: RecordWriter, { exact, suffix }: DomainPattern): void {
  const domain = exact ?? suffix ?? ''
  const isMarked = exact !== undefined && suffix !== undefined
  writer.octet(isMarked ? domain.length + 1 : domain.length)
  if (isMarked) writer.octet(BELOW_AND_ITSELF)
  writer.ascii(domain)
}

/** Writes an address entry: version and prefix length in an octet, then the words of its address. */
export function writeIp(writer: RecordWriter, { first, prefixLength }: IpRange): void {
  writer.octet(first.version === 4 ? prefixLength : IPV6_MARK + prefixLength)
  for (const word of first.words) {
    for (let shift = 24; shift >= 0; shift -= 8) writer.octet((word >>> shift) & 0xff)
  }
}

/** Whether one of the record's domain entries matches. Compares characters where they lie. */
export function matchesDomains(heap: Heap, record: number, domain: Domain): boolean {
  let at = domainsAt(heap, record)
  for (let left = domainCount(heap, record); left > 0; left--) {
    const length = octetAt(heap, at)
    if (matchesDomain(heap, { at: at + 1, length }, domain)) return true
    at += 1 + length
  }
  return false
}

/** Whether one of the record's address entries matches. */
export function matchesIps(heap: Heap, record: number, address: IpAddress): boolean {
  let at = ipsAt(heap, record)
  for (let left = ipCount(heap, record); left > 0; left--) {
    const mark = octetAt(heap, at)
    const version = mark < IPV6_MARK ? 4 : 6
    const prefixLength = version === 4 ? mark : mark - IPV6_MARK
    if (version === address.version && sharesPrefix(heap, at + 1, { address, prefixLength })) {
      return true
    }
    at += 1 + (version === 4 ? IPV4_OCTETS : IPV6_OCTETS)
  }
  return false
}

interface Characters {
  readonly at: number
  readonly length: number
}

function matchesDomain(heap: Heap, entry: Characters, domain: Domain): boolean {
  const first = octetAt(heap, entry.at)
  // A domain never begins with a dot, so one that ends in `.example.com` has a label before it.
  if (first === BELOW) return endsIn(heap, entry, domain)
  if (first !== BELOW_AND_ITSELF)
    return entry.length === domain.length && endsIn(heap, entry, domain)
  const bare = { at: entry.at + 1, length: entry.length - 1 }
  const before = domain.length - bare.length
  if (before > 0 && domain.charCodeAt(before - 1) !== BELOW) return false
  return endsIn(heap, bare, domain)
}

/** Whether the domain ends in these characters. */
function endsIn(heap: Heap, { at, length }: Characters, domain: Domain): boolean {
  const before = domain.length - length
  if (before < 0) return false
  for (let character = 0; character < length; character++) {
    if (octetAt(heap, at + character) !== domain.charCodeAt(before + character)) return false
  }
  return true
}

function sharesPrefix(
  heap: Heap,
  at: number,
  { address, prefixLength }: { readonly address: IpAddress; readonly prefixLength: number },
): boolean {
  for (let word = 0, bits = prefixLength; bits > 0; word++, bits -= 32) {
    const difference = heap.octets.readInt32BE(at + word * 4) ^ (address.words[word] ?? 0)
    if (difference >>> Math.max(32 - bits, 0) !== 0) return false
  }
  return true
}
