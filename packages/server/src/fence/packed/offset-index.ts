/** What has offsets, found by content: an open-addressed table that its one owner reads and writes. */
export class OffsetIndex {
  readonly #hashAt: (offset: number) => number
  #offsets: Int32Array
  /** Places that hold an offset, or did. */
  #used: number

  /**
   * @param hashAt the hash of the content at an offset, any 32 bits.
   * @param offsets what another index with the same contents gave as its `offsets`.
   */
  constructor(
    hashAt: (offset: number) => number,
    offsets: Int32Array = new Int32Array(PLACES_MIN),
  ) {
    this.#hashAt = hashAt
    this.#offsets = offsets
    this.#used = offsets.reduce((used, offset) => (offset === NONE ? used : used + 1), 0)
  }

  /** The table itself, to be kept and given to another index. */
  get offsets(): Int32Array {
    return this.#offsets
  }

  /** The offset of what has that hash and is the one; 0 if there is none. */
  find(hash: number, isIt: (offset: number) => boolean): number {
    const place = this.#placeOf(hash, isIt)
    return place === -1 ? NONE : (this.#offsets[place] ?? NONE)
  }

  /** Adds the offset of a content that is not there yet. */
  add(hash: number, offset: number): void {
    if (this.#used >= this.#offsets.length * LOAD_MAX) this.#grow()
    this.#put(hash, offset)
  }

  /** Puts another offset, or `undefined` for none, in the place of one that is there. */
  replace(hash: number, earlier: number, later: number | undefined): void {
    const place = this.#placeOf(hash, (offset) => offset === earlier)
    if (place !== -1) this.#offsets[place] = later ?? REMOVED
  }

  #placeOf(hash: number, isIt: (offset: number) => boolean): number {
    const { length } = this.#offsets
    for (let place = firstPlace(hash, length); ; place = place + 1 < length ? place + 1 : 0) {
      const offset = this.#offsets[place] ?? NONE
      if (offset === NONE) return -1
      if (offset !== REMOVED && isIt(offset)) return place
    }
  }

  #put(hash: number, offset: number): void {
    const { length } = this.#offsets
    let place = firstPlace(hash, length)
    while (this.#offsets[place] !== NONE) place = place + 1 < length ? place + 1 : 0
    this.#offsets[place] = offset
    this.#used++
  }

  #grow(): void {
    const earlier = this.#offsets.filter((offset) => offset !== NONE && offset !== REMOVED)
    this.#offsets = new Int32Array(Math.ceil((earlier.length + 1) / LOAD_AFTER) + PLACES_MIN)
    this.#used = 0
    for (const offset of earlier) this.#put(this.#hashAt(offset), offset)
  }
}

/** A hash of some octets that spreads over all 32 bits (FNV-1a, mixed once more). */
export function hashOctets(octets: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < octets.length; at++) hash = Math.imul(hash ^ (octets[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}

const NONE = 0
const REMOVED = -1
const PLACES_MIN = 16
/** Growing costs a look into the heap for each, so it is done by a third at a time. */
const LOAD_MAX = 0.8
const LOAD_AFTER = 0.6

function firstPlace(hash: number, length: number): number {
  return Math.floor(((hash >>> 0) / 2 ** 32) * length)
}
