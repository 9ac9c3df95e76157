import { mappedMemory } from './mapped-memory.ts'

/** A heap of records, seen as octets and as words: the same memory twice. Offsets count words. */
export interface Heap {
  readonly buffer: SharedArrayBuffer
  readonly words: Int32Array<SharedArrayBuffer>
  readonly octets: Buffer<SharedArrayBuffer>
}

export const WORD_BYTES = 4

/** What no record begins at, so that an offset of 0 means "none". */
export const HEAP_START = 1

/** The views of a heap that some thread has made. */
export function heapOf(buffer: SharedArrayBuffer): Heap {
  return { buffer, words: new Int32Array(buffer), octets: Buffer.from(buffer) }
}

/** A new heap for so many words or more, all zero; memory is taken up as it is written. */
export function newHeap(wordsMin: number): Heap {
  return heapOf(mappedMemory(wordsMin * WORD_BYTES))
}

/** How many words so many octets take up. */
export function wordsFor(octets: number): number {
  return Math.ceil(octets / WORD_BYTES)
}

/** The word at an offset, which the caller knows to be within the heap. */
export function wordAt(heap: Heap, offset: number): number {
  // `as`: offsets come from our own records, and a fallback would be a branch that nothing can reach.
  return heap.words[offset] as number
}

/** The octet at a position counted in octets, which the caller knows to be within the heap. */
export function octetAt(heap: Heap, at: number): number {
  // `as`: positions come from our own records.
  return heap.octets[at] as number
}

const scratch = new Float64Array(1)
const scratchWords = new Int32Array(scratch.buffer)

/** The time whose two words stand at `offset`. */
export function timeAt(heap: Heap, offset: number): number {
  scratchWords[0] = wordAt(heap, offset)
  scratchWords[1] = wordAt(heap, offset + 1)
  return scratch[0] ?? Number.NaN
}

/** Puts a time at `offset`; two words. */
export function putTime(words: Int32Array, offset: number, time: number): void {
  scratch[0] = time
  words.set(scratchWords, offset)
}
