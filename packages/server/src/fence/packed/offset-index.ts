import { mappedMemory } from './mapped-memory.ts'

/** What has offsets, found by content: an open-addressed table that its one owner reads and writes. */
export class OffsetIndex {
  readonly #hashAt: (offset: number) => number
  /** The offsets, and behind them an octet of each one's hash. */
  #table: Int32Array
  #length: number
  /** Of 256 contents that stand in the way, 255 are passed by without a look into the heap. */
  #tags: Uint8Array
  /** Places that hold an offset, or did. */
  #used = 0

  /**
   * @param hashAt the hash of the content at an offset, any 32 bits.
   * @param table what another index with the same contents gave as its `table`.
   */
  constructor(hashAt: (offset: number) => number, table: Int32Array = newTable(PLACES_MIN)) {
    this.#hashAt = hashAt
    this.#table = table
    this.#length = lengthOf(table)
    this.#tags = tagsOf(table)
    for (let place = 0; place < this.#length; place++) if (table[place] !== NONE) this.#used++
  }

  /** The table itself, to be kept and given to another index. */
  get table(): Int32Array {
    return this.#table
  }

  /** The offset of what has that hash and is the one; 0 if there is none. */
  find(hash: number, isIt: (offset: number) => boolean): number {
    const place = this.#placeOf(hash, isIt)
    return place === -1 ? NONE : (this.#table[place] ?? NONE)
  }

  /** Adds the offset of a content that is not there yet. */
  add(hash: number, offset: number): void {
    if (this.#used >= this.#length * LOAD_MAX) this.#grow()
    this.#put(hash, offset)
  }

  /** Puts another offset, or `undefined` for none, in the place of one that is there. */
  replace(hash: number, earlier: number, later: number | undefined): void {
    const place = this.#placeOf(hash, (offset) => offset === earlier)
    if (place !== -1) this.#table[place] = later ?? REMOVED
  }

  #placeOf(hash: number, isIt: (offset: number) => boolean): number {
    const tag = tagOf(hash)
    for (let place = firstPlace(hash, this.#length); ; place = this.#next(place)) {
      const offset = this.#table[place] ?? NONE
      if (offset === NONE) return -1
      if (offset !== REMOVED && this.#tags[place] === tag && isIt(offset)) return place
    }
  }

  #put(hash: number, offset: number): void {
    let place = firstPlace(hash, this.#length)
    while (this.#table[place] !== NONE) place = this.#next(place)
    this.#table[place] = offset
    this.#tags[place] = tagOf(hash)
    this.#used++
  }

  #next(place: number): number {
    return place + 1 < this.#length ? place + 1 : 0
  }

  #grow(): void {
    const earlier = this.#table.subarray(0, this.#length)
    const count = earlier.reduce((sum, offset) => sum + (isOffset(offset) ? 1 : 0), 0)
    this.#table = newTable(Math.ceil((count + 1) / LOAD_AFTER) + PLACES_MIN)
    this.#length = lengthOf(this.#table)
    this.#tags = tagsOf(this.#table)
    this.#used = 0
    for (const offset of earlier) if (isOffset(offset)) this.#put(this.#hashAt(offset), offset)
  }
}

/**
 * A hash of some octets that spreads over all 32 bits (FNV-1a, mixed once more).
 * @param from, to where they are: a view of them alone is dearer to make than they are to read.
 */
export function hashOctets(octets: Uint8Array, from = 0, to = octets.length): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (octets[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}

const NONE = 0
const REMOVED = -1
const PLACES_MIN = 16
/**
 * Growing costs a look into the heap for each, so it is done by a third at a time. By two thirds, a first copy
 * took 0.25 µs a token less, and a million tokens 5 octets more each.
 */
const LOAD_MAX = 0.8
const LOAD_AFTER = 0.6

function firstPlace(hash: number, length: number): number {
  return Math.floor(((hash >>> 0) / 2 ** 32) * length)
}

function isOffset(place: number): boolean {
  return place !== NONE && place !== REMOVED
}

/** So many places, and a word of tags for every four of them. */
function newTable(places: number): Int32Array {
  const groups = Math.ceil(places / 4)
  const words = groups * 5
  return new Int32Array(mappedMemory(words * Int32Array.BYTES_PER_ELEMENT), 0, words)
}

function lengthOf(table: Int32Array): number {
  return (table.length / 5) * 4
}

function tagsOf(table: Int32Array): Uint8Array {
  const length = lengthOf(table)
  return new Uint8Array(table.buffer, table.byteOffset + length * table.BYTES_PER_ELEMENT, length)
}

/** The place follows from the high bits, the tag from the low ones. */
function tagOf(hash: number): number {
  return hash & 0xff
}
