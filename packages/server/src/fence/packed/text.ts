import { type Heap, WORD_BYTES, wordAt, wordsFor } from './heap.ts'
import { hashOctets } from './offset-index.ts'

/**
 * Owner and metadata of a token, kept once for all tokens that have the same: a word with both
 * lengths, the owner, the metadata as JSON (nothing if there are none), padded to whole words.
 */
const OWNER_BYTES_MAX = 0xfff
const METADATA_BYTES_MAX = 0xf_ffff
const METADATA_SHIFT = 12

/**
 * The octets of an owner and metadata as they are kept.
 * @returns `undefined` beyond 4095 octets of owner or 1 MiB of metadata; the API allows 128 and,
 *   with 20 members of 64 and 200 characters, 32 KiB at the worst.
 */
export function packedText(
  owner: string,
  metadata: Readonly<Record<string, string>>,
): Buffer | undefined {
  const written = JSON.stringify(metadata)
  const json = written === '{}' ? '' : written
  const ownerBytes = Buffer.byteLength(owner)
  const jsonBytes = Buffer.byteLength(json)
  if (ownerBytes > OWNER_BYTES_MAX || jsonBytes > METADATA_BYTES_MAX) return undefined
  const octets = Buffer.alloc(wordsFor(ownerBytes + jsonBytes) * WORD_BYTES + WORD_BYTES)
  scratch[0] = ownerBytes | (jsonBytes << METADATA_SHIFT)
  octets.set(scratchOctets)
  octets.write(owner, WORD_BYTES)
  octets.write(json, WORD_BYTES + ownerBytes)
  return octets
}

const scratch = new Int32Array(1)
const scratchOctets = new Uint8Array(scratch.buffer)

/** The owner of the text at `offset`. */
export function ownerAt(heap: Heap, offset: number): string {
  const { owner } = placesOf(heap, offset)
  return heap.octets.toString('utf8', owner.from, owner.to)
}

/** The metadata of the text at `offset`. */
export function metadataAt(heap: Heap, offset: number): Readonly<Record<string, string>> {
  const { metadata } = placesOf(heap, offset)
  if (metadata.from === metadata.to) return {}
  // `as`: written from such a record, and never changed.
  return JSON.parse(heap.octets.toString('utf8', metadata.from, metadata.to)) as Record<
    string,
    string
  >
}

/** The hash of the text at `offset`, as that of its octets. */
export function hashOfText(heap: Heap, offset: number): number {
  return hashOctets(heap.octets, offset * WORD_BYTES, endOf(heap, offset))
}

/** Whether the text at `offset` is the one with these octets. */
export function isTextAt(heap: Heap, offset: number, octets: Buffer): boolean {
  return octets.compare(heap.octets, offset * WORD_BYTES, endOf(heap, offset)) === 0
}

/** The octets of the text at `offset`, its lengths included. */
export function textOctets(heap: Heap, offset: number): Buffer {
  return heap.octets.subarray(offset * WORD_BYTES, endOf(heap, offset))
}

function endOf(heap: Heap, offset: number): number {
  const lengths = wordAt(heap, offset)
  const octets = (lengths & OWNER_BYTES_MAX) + (lengths >>> METADATA_SHIFT)
  return (offset + 1 + wordsFor(octets)) * WORD_BYTES
}

function placesOf(heap: Heap, offset: number) {
  const lengths = wordAt(heap, offset)
  const from = (offset + 1) * WORD_BYTES
  const between = from + (lengths & OWNER_BYTES_MAX)
  const to = between + (lengths >>> METADATA_SHIFT)
  return { owner: { from, to: between }, metadata: { from: between, to } }
}
