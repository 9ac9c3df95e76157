import type { TokenId } from '../../identifier/identifier.ts'
import { type Heap, WORD_BYTES, wordAt } from './heap.ts'
import { LOWER_CASE_DIGITS, octetOf } from './hexadecimal.ts'
import { hashOctets } from './offset-index.ts'
import { FLAGS, headOf, idAt, UUID_WORDS } from './record.ts'

const PREFIX = 'tok_'
const ID_LENGTH = 40
const UUID_OCTETS = UUID_WORDS * WORD_BYTES
/** A bit for each octet before which there is a dash. */
const DASHES = (1 << 4) | (1 << 6) | (1 << 8) | (1 << 10)
const DASH = 45

/** A token's id as it is packed. It lasts until the next one. */
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
  let at = PREFIX.length
  for (let octet = 0; octet < UUID_OCTETS; octet++) {
    if (((DASHES >> octet) & 1) === 1 && tokenId.charCodeAt(at++) !== DASH) return undefined
    const value = octetOf(LOWER_CASE_DIGITS, tokenId, at)
    if (value < 0) return undefined
    scratch[octet] = value
    at += 2
  }
  return scratch
}

const scratch = Buffer.alloc(UUID_OCTETS)

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
  const at = idAt(heap, record)
  const isText = (headOf(heap, record) & FLAGS.idIsText) !== 0
  const from = (isText ? at + 1 : at) * WORD_BYTES
  return hashOctets(heap.octets, from, from + (isText ? wordAt(heap, at) : UUID_OCTETS))
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
