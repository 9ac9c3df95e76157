import { type Heap, WORD_BYTES, wordAt, wordsFor } from './heap.ts'
import { hashOctets } from './offset-index.ts'
import { RecordWriter } from './record-writer.ts'

/**
 * Owner and metadata of a token, kept once for all tokens that have the same: a word with both
 * lengths, the owner, the metadata as JSON (nothing if there are none), padded to whole words.
 */
const OWNER_BYTES_MAX = 0xfff
const METADATA_BYTES_MAX = 0xf_ffff
const METADATA_SHIFT = 12

/**
 * The octets of an owner and metadata as they are kept: a view that lasts until the next one.
 * @returns `undefined` beyond 4095 octets of owner or 1 MiB of metadata; the API allows 128 and,
 *   with 20 members of 64 and 200 characters, 32 KiB at the worst.
 */
export function packedText(
  owner: string,
  metadata: Readonly<Record<string, string>>,
): Buffer | undefined {
  const json = jsonOf(metadata)
  if (owner.length > OWNER_BYTES_MAX || json.length > METADATA_BYTES_MAX) return undefined
  writer.begin(WORD_BYTES + (owner.length + json.length) * UTF8_OCTETS_MAX)
  const lengths = writer.words(1)
  const ownerBytes = writer.text(owner)
  const jsonBytes = writer.text(json)
  if (ownerBytes > OWNER_BYTES_MAX || jsonBytes > METADATA_BYTES_MAX) return undefined
  lengths.words[lengths.at] = ownerBytes | (jsonBytes << METADATA_SHIFT)
  return writer.writtenOctets()
}

const writer = new RecordWriter()
/** Of one of a string's characters, which are UTF-16. */
const UTF8_OCTETS_MAX = 3

/** Tokens that follow one another often have the same metadata, and the feed gives them one object then. */
function jsonOf(metadata: Readonly<Record<string, string>>): string {
  if (metadata === lastWritten.metadata) return lastWritten.json
  const json = JSON.stringify(metadata)
  lastWritten = { metadata, json: json === '{}' ? '' : json }
  return lastWritten.json
}

let lastWritten: { readonly metadata?: Readonly<Record<string, string>>; readonly json: string } = {
  json: '',
}

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
  const from = offset * WORD_BYTES
  // The lengths are compared first, so that none is read beyond its end for nothing.
  for (let at = 0; at < octets.length; at++) {
    if (heap.octets[from + at] !== octets[at]) return false
  }
  return true
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
