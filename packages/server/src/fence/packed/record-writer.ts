import { WORD_BYTES, wordsFor } from './heap.ts'

/**
 * Writes one record after another into the same memory: a first copy packs a million of them, and
 * what each would leave behind takes longer than its packing (measured: four times).
 */
export class RecordWriter {
  #words = new Int32Array(1024)
  #octets = Buffer.from(this.#words.buffer)
  /** Views of the first words, by how many they are: to make one takes as long as to copy a record. */
  #views: Views[] = []
  /** In octets. */
  #at = 0

  /** Begins a record of so many octets at most. What was `written` before is gone. */
  begin(octetsMax: number): void {
    this.#at = 0
    const words = wordsFor(octetsMax)
    if (words <= this.#words.length) return
    this.#words = new Int32Array(2 * words)
    this.#octets = Buffer.from(this.#words.buffer)
    this.#views = []
  }

  /** How many words are written. */
  get wordCount(): number {
    return wordsFor(this.#at)
  }

  /** Takes up so many words and gives where they are, to be filled. */
  words(count: number): { readonly words: Int32Array; readonly at: number } {
    const at = this.wordCount
    this.#at += count * WORD_BYTES
    return { words: this.#words, at }
  }

  word(value: number): void {
    this.#words[this.wordCount] = value
    this.#at += WORD_BYTES
  }

  octet(value: number): void {
    this.#octets[this.#at++] = value
  }

  octets(octets: Buffer): void {
    this.#octets.set(octets, this.#at)
    this.#at += octets.length
  }

  /** One octet a character. */
  ascii(text: string): void {
    const target = this.#octets
    const from = this.#at
    for (let at = 0; at < text.length; at++) target[from + at] = text.charCodeAt(at)
    this.#at = from + text.length
  }

  /** UTF-8 (RFC 3629). @returns how many octets it takes up */
  text(text: string): number {
    const octets = this.#octets.write(text, this.#at)
    this.#at += octets
    return octets
  }

  /** Up to the next whole word. */
  pad(): void {
    while (this.#at % WORD_BYTES !== 0) this.octet(0)
  }

  /** The record: a view that lasts until the next one begins. */
  written(): Int32Array {
    return this.#written().words
  }

  /** The same in octets. */
  writtenOctets(): Buffer {
    return this.#written().octets
  }

  #written(): Views {
    this.pad()
    const count = this.wordCount
    const known = this.#views[count]
    if (known !== undefined) return known
    const views = {
      words: this.#words.subarray(0, count),
      octets: this.#octets.subarray(0, count * WORD_BYTES),
    }
    if (count < VIEWS_MAX) this.#views[count] = views
    return views
  }
}

/** Nearly all records are shorter. */
const VIEWS_MAX = 256

interface Views {
  readonly words: Int32Array
  readonly octets: Buffer
}
