import {
  type PatternList,
  type RestrictionPatterns,
  restrictionPatterns,
  type TokenStatus,
} from '@keyfence/core'
import type { TokenChange, TokenRecord } from '../change-feed.ts'
import { type Digest, DIGEST_WORDS_IN_RECORD, digestOfHash, putDigest } from './digest.ts'
import { putTime, WORD_BYTES, wordsFor } from './heap.ts'
import { packedDomain, packedIp } from './lists.ts'
import { COUNTS_APART, FLAGS, HEAD_COUNT_MAX, HEAD_SHIFTS, TIME_WORDS } from './record.ts'
import { STATUSES } from './packed-policy.ts'
import { type PackedId, packedId } from './token-id.ts'
import { packedText } from './text.ts'

/** A token's record, ready to be put into a heap. */
export interface PackedRecord {
  readonly id: PackedId
  /** The digests of its secrets, in the order of the record. */
  readonly digests: readonly Digest[]
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
  const readable = change.kind === 'saved' ? readableParts(change.record) : undefined
  const { flags, times, lists, text } = readable ?? UNREADABLE_PARTS
  const hasEndings = secrets.some(({ endsAt }) => endsAt !== undefined)
  const head = headWords(
    flags | (id.isText ? FLAGS.idIsText : 0) | (hasEndings ? FLAGS.endings : 0),
    { domains: lists.domains.length, ips: lists.ips.length, secrets: secrets.length },
  )
  const fixed = [
    ...head,
    0,
    ...digests.flatMap(digestWords),
    ...(hasEndings ? secrets.flatMap(({ endsAt }) => timeWords(endsAt ?? Number.NaN)) : []),
    ...times.flatMap(timeWords),
    ...(id.isText ? [id.octets.length] : []),
  ]
  const octets = [padded(id.octets), ...lists.domains.map(withLength), ...lists.ips]
  return { id, digests, words: wordsOf(fixed, octets), textReferenceAt: head.length, text }
}

/** What only a readable record has. */
interface ReadableParts {
  readonly flags: number
  readonly times: readonly number[]
  readonly lists: { readonly domains: readonly Buffer[]; readonly ips: readonly Buffer[] }
  readonly text: Buffer | undefined
}

const UNREADABLE_PARTS: ReadableParts = {
  flags: FLAGS.unreadable,
  times: [],
  lists: { domains: [], ips: [] },
  text: undefined,
}

function readableParts(record: TokenRecord): ReadableParts | undefined {
  const patterns = restrictionPatterns(record.restrictions)
  const text = packedText(record.owner, record.metadata)
  if (patterns === undefined || text === undefined) return undefined
  const { notBefore, expiresAt } = record
  return {
    flags: flagsOf(record, patterns),
    times: [notBefore, expiresAt].filter((time) => time !== undefined),
    lists: {
      domains: patternsOf(patterns.domains).map((pattern) => Buffer.from(packedDomain(pattern))),
      ips: patternsOf(patterns.ips).map(packedIp),
    },
    text,
  }
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

function headWords(flags: number, counts: Record<keyof typeof HEAD_SHIFTS, number>): number[] {
  const ordered = COUNTS_APART.map((of) => counts[of])
  if (ordered.some((count) => count > HEAD_COUNT_MAX)) {
    return [flags | FLAGS.countsApart, ...ordered]
  }
  return [COUNTS_APART.reduce((head, of) => head | (counts[of] << HEAD_SHIFTS[of]), flags)]
}

function digestWords(digest: Digest): number[] {
  const words = new Int32Array(DIGEST_WORDS_IN_RECORD)
  putDigest(words, 0, digest)
  return [...words]
}

function timeWords(time: number): number[] {
  const words = new Int32Array(TIME_WORDS)
  putTime(words, 0, time)
  return [...words]
}

function padded(octets: Buffer): Buffer {
  return Buffer.concat([octets], wordsFor(octets.length) * WORD_BYTES)
}

function withLength(octets: Buffer): Buffer {
  return Buffer.concat([Buffer.of(octets.length), octets])
}

function wordsOf(fixed: readonly number[], octets: readonly Buffer[]): Int32Array {
  const bytes = octets.reduce((sum, { length }) => sum + length, 0)
  const words = new Int32Array(fixed.length + wordsFor(bytes))
  words.set(fixed)
  Buffer.from(words.buffer, fixed.length * WORD_BYTES).set(Buffer.concat(octets))
  return words
}
