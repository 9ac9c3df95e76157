import type { TokenId } from '../../identifier/identifier.ts'
import { type Heap, WORD_BYTES, wordAt } from './heap.ts'
import { FLAGS, headOf, idAt, UUID_WORDS } from './record.ts'

const PREFIX = 'tok_'
const UUID = /^tok_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A token's id as it is packed. */
export interface PackedId {
  /** False for the octets of a UUID. */
  readonly isText: boolean
  readonly octets: Buffer
}

/** The 16 octets of an id of ours, or the text of any other (RFC 3629). */
export function packedId(tokenId: TokenId): PackedId {
  if (!UUID.test(tokenId)) return { isText: true, octets: Buffer.from(tokenId) }
  const hex = tokenId.slice(PREFIX.length).replaceAll('-', '')
  return { isText: false, octets: Buffer.from(hex, 'hex') }
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

/** The octets of a record's id, where they lie. */
export function idOctets(heap: Heap, record: number): Buffer {
  const { from, length } = placeOf(heap, record)
  return heap.octets.subarray(from, from + length)
}

function placeOf(
  heap: Heap,
  record: number,
): { readonly isText: boolean; readonly from: number; readonly length: number } {
  const at = idAt(heap, record)
  const isText = (headOf(heap, record) & FLAGS.idIsText) !== 0
  return isText
    ? { isText, from: (at + 1) * WORD_BYTES, length: wordAt(heap, at) }
    : { isText, from: at * WORD_BYTES, length: UUID_WORDS * WORD_BYTES }
}
