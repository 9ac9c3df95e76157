import {
  type DomainPattern,
  type IpRange,
  type PatternList,
  type RestrictionPatterns,
  restrictionPatterns,
  type TokenStatus,
} from '@keyfence/core'
import type { TokenChange, TokenRecord } from '../change-feed.ts'
import { type Digest, DIGEST_WORDS_IN_RECORD, digestOfHash, putDigest } from './digest.ts'
import { putTime } from './heap.ts'
import { domainOctetsMax, writeDomain, writeIp } from './lists.ts'
import { COUNTS_APART, FLAGS, HEAD_COUNT_MAX, HEAD_SHIFTS, TIME_WORDS } from './record.ts'
import { STATUSES } from './packed-policy.ts'
import { RecordWriter } from './record-writer.ts'
import { type PackedId, packedId } from './token-id.ts'
import { packedText } from './text.ts'

/** A token's record, ready to be put into a heap. */
export interface PackedRecord {
  readonly id: PackedId
  /** The digests of its secrets, in the order of the record. */
  readonly digests: readonly Digest[]
  /** A view that lasts until the next record is packed, as do text and id. */
  readonly words: Int32Array
  /** Which of the words has to become the offset of the text. */
  readonly textReferenceAt: number
  /** Owner and metadata; `undefined` if the record cannot be read, and its token is refused. */
  readonly text: Buffer | undefined
}

/** Packs what a change says of a token. A damaged or over-long record becomes an unreadable one. */
export function packRecord(change: TokenChange & { kind: 'saved' | 'unreadable' }): PackedRecord {
  const { tokenId, secrets } = change
  const id = packedId(tokenId)
  const digests = secrets.map(({ hash }) => digestOfHash(hash))
  const parts = (change.kind === 'saved' ? readableParts(change.record) : undefined) ?? UNREADABLE
  const hasEndings = secrets.some(({ endsAt }) => endsAt !== undefined)
  writer.begin(octetsMax(parts, { id, secrets: secrets.length }))
  writeHead(parts.flags | (id.isText ? FLAGS.idIsText : 0) | (hasEndings ? FLAGS.endings : 0), {
    domains: parts.domains.length,
    ips: parts.ips.length,
    secrets: secrets.length,
  })
  const textAt = writer.wordCount
  writer.word(0)
  for (const digest of digests) writeDigest(digest)
  if (hasEndings) for (const { endsAt } of secrets) writeTime(endsAt ?? Number.NaN)
  for (const time of parts.times) writeTime(time)
  if (id.isText) writer.word(id.octets.length)
  writer.octets(id.octets)
  writer.pad()
  for (const domain of parts.domains) writeDomain(writer, domain)
  for (const ip of parts.ips) writeIp(writer, ip)
  return { id, digests, words: writer.written(), textReferenceAt: textAt, text: parts.text }
}

const writer = new RecordWriter()

/** What only a readable record has. */
interface ReadableParts {
  readonly flags: number
  readonly times: readonly number[]
  readonly domains: readonly DomainPattern[]
  readonly ips: readonly IpRange[]
  readonly text: Buffer | undefined
}

const UNREADABLE: ReadableParts = {
  flags: FLAGS.unreadable,
  times: [],
  domains: [],
  ips: [],
  text: undefined,
}

function readableParts(record: TokenRecord): ReadableParts | undefined {
  const patterns = restrictionPatterns(record.restrictions)
  const text = packedText(record.owner, record.metadata)
  if (patterns === undefined || text === undefined) return undefined
  const { notBefore, expiresAt } = record
  return {
    flags: flagsOf(record, patterns),
    times: notBefore === undefined && expiresAt === undefined ? NO_TIMES : timesOf(record),
    domains: patternsOf<DomainPattern>(patterns.domains),
    ips: patternsOf<IpRange>(patterns.ips),
    text,
  }
}

const NO_TIMES: readonly number[] = []

function timesOf({ notBefore, expiresAt }: TokenRecord): readonly number[] {
  return [notBefore, expiresAt].filter((time) => time !== undefined)
}

/** More than it takes: head, counts, text and times first; 7 words for a digest and 2 for its end. */
function octetsMax(
  { domains, ips }: ReadableParts,
  { id, secrets }: { readonly id: PackedId; readonly secrets: number },
): number {
  let octets = 64 + secrets * 40 + id.octets.length + ips.length * 17
  for (const domain of domains) octets += domainOctetsMax(domain)
  return octets
}

function flagsOf(record: TokenRecord, { domains, ips }: RestrictionPatterns): number {
  return (
    statusNumber(record.status) |
    (record.mode === 'report' ? FLAGS.report : 0) |
    (record.notBefore === undefined ? 0 : FLAGS.notBefore) |
    (record.expiresAt === undefined ? 0 : FLAGS.expiresAt) |
    (domains.mode === 'on' ? FLAGS.domainsOn : 0) |
    (ips.mode === 'on' ? FLAGS.ipsOn : 0)
  )
}

function statusNumber(status: TokenStatus): number {
  return STATUSES.indexOf(status)
}

/** A list that is off is not consulted, so its entries are not kept. */
function patternsOf<Pattern>(list: PatternList<Pattern>): readonly Pattern[] {
  return list.mode === 'on' ? list.patterns : []
}

function writeHead(flags: number, counts: Record<keyof typeof HEAD_SHIFTS, number>): void {
  const { domains, ips, secrets } = counts
  if (Math.max(domains, ips, secrets) > HEAD_COUNT_MAX) {
    writer.word(flags | FLAGS.countsApart)
    for (const of of COUNTS_APART) writer.word(counts[of])
    return
  }
  writer.word(
    flags |
      (domains << HEAD_SHIFTS.domains) |
      (ips << HEAD_SHIFTS.ips) |
      (secrets << HEAD_SHIFTS.secrets),
  )
}

function writeDigest(digest: Digest): void {
  const { words, at } = writer.words(DIGEST_WORDS_IN_RECORD)
  putDigest(words, at, digest)
}

function writeTime(time: number): void {
  const { words, at } = writer.words(TIME_WORDS)
  putTime(words, at, time)
}
