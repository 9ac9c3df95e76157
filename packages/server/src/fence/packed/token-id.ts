import type { TokenId } from '../../identifier/identifier.ts'
import { type Heap, WORD_BYTES, wordAt } from './heap.ts'
import { hashOctets } from './offset-index.ts'
import { FLAGS, headOf, idAt, UUID_WORDS } from './record.ts'

const PREFIX = 'tok_'
const ID_LENGTH = 40
const UUID_OCTETS = UUID_WORDS * WORD_BYTES
/** Where its dashes are. */
const DASHES: ReadonlySet<number> = new Set([12, 17, 22, 27])
/** What a digit of lower-case hexadecimal says; -1: it is none. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
)

/** A token's id as it is packed. */
export interface PackedId {
  /** False for the octets of a UUID. */
  readonly isText: boolean
  readonly octets: Buffer
}

/** The 16 octets of an id of ours, or the text of any other (RFC 3629). */
export function packedId(tokenId: TokenId): PackedId {
  const octets = uuidOctets(tokenId)
  return octets === undefined
    ? { isText: true, octets: Buffer.from(tokenId) }
    : { isText: false, octets }
}

/** Read digit by digit: a first copy does it for every token, by an expression it took four times as long. */
function uuidOctets(tokenId: string): Buffer | undefined {
  if (tokenId.length !== ID_LENGTH || !tokenId.startsWith(PREFIX)) return undefined
  const octets = Buffer.allocUnsafe(UUID_OCTETS)
  let at = PREFIX.length
  for (let octet = 0; octet < UUID_OCTETS; octet++) {
    if (DASHES.has(at) && tokenId.charCodeAt(at++) !== DASH) return undefined
    const value = (digitAt(tokenId, at) << 4) | digitAt(tokenId, at + 1)
    if (value < 0) return undefined
    octets[octet] = value
    at += 2
  }
  return octets
}

const DASH = 45

function digitAt(text: string, at: number): number {
  return DIGITS[text.charCodeAt(at)] ?? -1
}

/** The id of a record's token. */
export function idOf(heap: Heap, record: number): TokenId {
  const { isText, from, length } = placeOf(heap, record)
  if (isText) return heap.octets.toString('utf8', from, from + length) as TokenId // as it was packed
  const hex = heap.octets.toString('hex', from, from + length)
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ]
  return `${PREFIX}${parts.join('-')}` as TokenId // as it was packed
}

/** Whether the record is that token's. */
export function hasId(heap: Heap, record: number, id: PackedId): boolean {
  const { isText, from, length } = placeOf(heap, record)
  if (isText !== id.isText || length !== id.octets.length) return false
  return id.octets.compare(heap.octets, from, from + length) === 0
}

/** The hash of a record's id, as that of its packed octets. */
export function hashOfId(heap: Heap, record: number): number {
  const { from, length } = placeOf(heap, record)
  return hashOctets(heap.octets, from, from + length)
}

function placeOf(
  heap: Heap,
  record: number,
): { readonly isText: boolean; readonly from: number; readonly length: number } {
  const at = idAt(heap, record)
  const isText = (headOf(heap, record) & FLAGS.idIsText) !== 0
  return isText
    ? { isText, from: (at + 1) * WORD_BYTES, length: wordAt(heap, at) }
    : { isText, from: at * WORD_BYTES, length: UUID_OCTETS }
}
