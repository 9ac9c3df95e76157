import type { HeaderFields } from '@keyfence/core'
import {
  CR,
  headerSectionEnd,
  isBlank,
  isValueOctet,
  LF,
  readFieldLines,
} from './header-section.ts'

/**
 * Takes one chunked body apart (RFC 9112 §7.1), however it is cut into pieces on its way. Sizes are
 * up to 13 hexadecimal digits, lines end with CRLF, extensions are skipped up to a bound, trailers are
 * read as strictly as any field lines.
 */
export class ChunkedReader {
  #place: Place = 'size'
  #digits = 0
  #extensionBytes = 0
  /** Octets of the chunk that have not come yet; its size as far as it is read. */
  #left = 0
  #trailerSection: Buffer = NOTHING
  #trailers: HeaderFields = []

  /** What followed the last chunk. */
  get trailers(): HeaderFields {
    return this.#trailers
  }

  /**
   * Reads on from `from`.
   * @param onPart gets the content, in parts of `octets`.
   * @returns where the body ended, or that it goes on, or that it is none.
   */
  read(
    octets: Buffer,
    from: number,
    onPart: (part: Buffer) => void,
  ): number | 'unfinished' | 'malformed' {
    let at = from
    while (at < octets.length) {
      const place = this.#place
      if (place === 'content') at = this.#readContent(octets, at, onPart)
      else if (place === 'trailers') return this.#readTrailers(octets, at)
      else if (!this.#step(place, octets, at++)) return 'malformed'
    }
    return 'unfinished'
  }

  #readContent(octets: Buffer, from: number, onPart: (part: Buffer) => void): number {
    const end = Math.min(from + this.#left, octets.length)
    onPart(octets.subarray(from, end))
    this.#left -= end - from
    if (this.#left === 0) this.#place = 'content_cr'
    return end
  }

  /** Reads one octet of what is around the content. */
  #step(place: FramingPlace, octets: Buffer, at: number): boolean {
    const octet = octets[at]
    switch (place) {
      case 'size':
        return this.#stepSize(octet)
      case 'blank':
        return this.#skip() && (octet === SEMICOLON ? this.#go('extension') : isBlank(octet))
      case 'extension':
        return octet === CR ? this.#go('size_lf') : this.#skip() && isValueOctet(octets, at)
      case 'size_lf':
        return octet === LF && this.#go(this.#left === 0 ? 'trailers' : 'content')
      case 'content_cr':
        return octet === CR && this.#go('content_lf')
      case 'content_lf':
        break
    }
    this.#digits = 0
    this.#extensionBytes = 0
    return octet === LF && this.#go('size')
  }

  #stepSize(octet: number | undefined): boolean {
    const digit = HEX_DIGITS.get(octet)
    if (digit !== undefined) {
      this.#left = this.#left * 16 + digit
      return ++this.#digits <= SIZE_DIGITS_MAX
    }
    if (this.#digits === 0) return false
    if (octet === CR) return this.#go('size_lf')
    if (octet === SEMICOLON) return this.#go('extension')
    return isBlank(octet) && this.#go('blank')
  }

  #skip(): boolean {
    return ++this.#extensionBytes <= EXTENSION_BYTES_MAX
  }

  #go(place: Place): true {
    this.#place = place
    return true
  }

  #readTrailers(octets: Buffer, from: number): number | 'unfinished' | 'malformed' {
    const held = this.#trailerSection
    const section = Buffer.concat([held, octets.subarray(from)])
    const end = headerSectionEnd(section, 0)
    if (end === -1) {
      this.#trailerSection = section
      return section.length >= TRAILER_BYTES_MAX ? 'malformed' : 'unfinished'
    }
    const trailers = readFieldLines(section, { from: 0, end })
    if (trailers === undefined || end + 2 > TRAILER_BYTES_MAX) return 'malformed'
    this.#trailers = trailers
    return from + end + 2 - held.length
  }
}

type Place = FramingPlace | 'content' | 'trailers'
type FramingPlace = 'size' | 'blank' | 'extension' | 'size_lf' | 'content_cr' | 'content_lf'

const SEMICOLON = 59
const NOTHING = Buffer.alloc(0)

/** 52 bits: every size is exact. */
const SIZE_DIGITS_MAX = 13
const EXTENSION_BYTES_MAX = 1024
const TRAILER_BYTES_MAX = 16_384

const HEX_DIGITS: ReadonlyMap<number | undefined, number> = new Map(
  Array.from('0123456789abcdefABCDEF', (digit) => [
    digit.charCodeAt(0),
    Number.parseInt(digit, 16),
  ]),
)
