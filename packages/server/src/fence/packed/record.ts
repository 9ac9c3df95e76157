import { type Digest, DIGEST_WORDS_IN_RECORD, isDigestAt } from './digest.ts'
import { type Heap, octetAt, WORD_BYTES, wordAt, wordsFor } from './heap.ts'

/**
 * How a token lies in the heap. All of it is words, most significant octets aside, up to the lists:
 *
 *     head       flags, and the three counts if each is below 128
 *     [counts]   domains, ips, secrets: three words, if not
 *     text       offset of owner and metadata, 0 if unreadable
 *     digests    seven words for each secret
 *     [endings]  two words for each secret: when it ends, NaN for never
 *     [times]    notBefore, expiresAt: two words each, if there is one
 *     id         the four words of a UUID, or the length of a text and its octets
 *     domains    each a length octet and as many characters
 *     ips        each an octet for version and prefix length, then 4 or 16 octets
 *
 * A domain's first character says what it matches: `.example.com` what is below, `*example.com` the
 * domain too, anything else itself alone. What is no octet of the record's own pads it to whole words.
 */
export const FLAGS = {
  /** Two bits: 0 active, 1 disabled, 2 revoked. */
  status: 3,
  report: 1 << 2,
  unreadable: 1 << 3,
  notBefore: 1 << 4,
  expiresAt: 1 << 5,
  domainsOn: 1 << 6,
  ipsOn: 1 << 7,
  idIsText: 1 << 8,
  endings: 1 << 9,
  countsApart: 1 << 10,
} as const

/** The largest count that the head holds; three of seven bits lie above the flags. */
export const HEAD_COUNT_MAX = 127
export const HEAD_SHIFTS = { domains: 11, ips: 18, secrets: 25 } as const
export const COUNT_WORDS = 3
export const TIME_WORDS = 2
export const UUID_WORDS = 4

/** First octet of an IPv6 entry: this and the prefix length. Below it: the length of an IPv4 one. */
export const IPV6_MARK = 64
export const IPV4_OCTETS = 4
export const IPV6_OCTETS = 16

/** The first character of a domain that matches what is below it, and itself too. */
export const BELOW = 46 // .
export const BELOW_AND_ITSELF = 42 // *

/** Whether one of the record's secrets has that digest, its key aside. */
export function holdsDigest(heap: Heap, record: number, digest: Digest): boolean {
  return secretAt(heap, record, digest) !== -1
}

/** Which of the record's secrets has that digest, its key aside; -1 if none has. */
export function secretAt(heap: Heap, record: number, digest: Digest): number {
  const digests = digestsAt(heap, record)
  const count = secretCount(heap, record)
  for (let secret = 0; secret < count; secret++) {
    if (isDigestAt(heap, digests + secret * DIGEST_WORDS_IN_RECORD, digest)) return secret
  }
  return -1
}

export function headOf(heap: Heap, record: number): number {
  return wordAt(heap, record)
}

/** Where the offset of owner and metadata stands. */
export function textReferenceAt(heap: Heap, record: number): number {
  return record + 1 + ((headOf(heap, record) & FLAGS.countsApart) === 0 ? 0 : COUNT_WORDS)
}

export function secretCount(heap: Heap, record: number): number {
  return countOf(heap, record, SECRETS)
}

export function domainCount(heap: Heap, record: number): number {
  return countOf(heap, record, DOMAINS)
}

export function ipCount(heap: Heap, record: number): number {
  return countOf(heap, record, IPS)
}

/** Where the endings begin, if the head says that there are any. */
export function endingsAt(heap: Heap, record: number): number {
  return digestsAt(heap, record) + secretCount(heap, record) * DIGEST_WORDS_IN_RECORD
}

/** Where the times begin, if the head says that there are any. */
export function timesAt(heap: Heap, record: number): number {
  const hasEndings = (headOf(heap, record) & FLAGS.endings) !== 0
  return endingsAt(heap, record) + (hasEndings ? secretCount(heap, record) * TIME_WORDS : 0)
}

/** Where the id begins. */
export function idAt(heap: Heap, record: number): number {
  const head = headOf(heap, record)
  return (
    timesAt(heap, record) +
    ((head & FLAGS.notBefore) === 0 ? 0 : TIME_WORDS) +
    ((head & FLAGS.expiresAt) === 0 ? 0 : TIME_WORDS)
  )
}

/** How many words the id takes up. */
export function idWords(heap: Heap, record: number): number {
  if ((headOf(heap, record) & FLAGS.idIsText) === 0) return UUID_WORDS
  return 1 + wordsFor(wordAt(heap, idAt(heap, record)))
}

/** The octet at which the domains begin. */
export function domainsAt(heap: Heap, record: number): number {
  return (idAt(heap, record) + idWords(heap, record)) * WORD_BYTES
}

/** The octet at which the ips begin. */
export function ipsAt(heap: Heap, record: number): number {
  let at = domainsAt(heap, record)
  for (let left = domainCount(heap, record); left > 0; left--) at += 1 + octetAt(heap, at)
  return at
}

/** How many words the whole record takes up. */
export function recordWords(heap: Heap, record: number): number {
  let at = ipsAt(heap, record)
  for (let left = ipCount(heap, record); left > 0; left--) {
    at += 1 + (octetAt(heap, at) < IPV6_MARK ? IPV4_OCTETS : IPV6_OCTETS)
  }
  return wordsFor(at) - record
}

function digestsAt(heap: Heap, record: number): number {
  return textReferenceAt(heap, record) + 1
}

/** Where a count lies in the head, and where among those that stand apart. */
interface CountPlace {
  readonly shift: number
  readonly apart: number
}

/** Objects of one shape: a look-up by name in the midst of a decision is what takes longest in it. */
const DOMAINS: CountPlace = { shift: HEAD_SHIFTS.domains, apart: 0 }
const IPS: CountPlace = { shift: HEAD_SHIFTS.ips, apart: 1 }
const SECRETS: CountPlace = { shift: HEAD_SHIFTS.secrets, apart: 2 }

function countOf(heap: Heap, record: number, { shift, apart }: CountPlace): number {
  const head = headOf(heap, record)
  if ((head & FLAGS.countsApart) === 0) return (head >>> shift) & HEAD_COUNT_MAX
  return wordAt(heap, record + 1 + apart)
}

/** The order of the counts where they stand apart. */
export const COUNTS_APART: readonly (keyof typeof HEAD_SHIFTS)[] = ['domains', 'ips', 'secrets']
