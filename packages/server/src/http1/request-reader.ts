import { METHODS } from 'node:http'
import { CR, isTokenOctet, LF, readFieldLines } from './header-section.ts'
import { readFraming, type RequestFraming } from './request-framing.ts'
import type { RequestHead } from './request-head.ts'
import { type HttpMinorVersion, readRequestLine, type RequestLine } from './start-line.ts'

/** A request whose head is complete and says one thing to every reader. */
export interface ReadRequest extends RequestHead, Pick<RequestFraming, 'hasBody' | 'expectation'> {
  readonly minorVersion: HttpMinorVersion
  /** No request can follow: it has a body, asks for a tunnel, or for the connection to be closed. */
  readonly isLast: boolean
}

/** What stands next on a connection. */
export type Reading =
  | ReadRequest
  /** More octets are needed to tell. */
  | 'incomplete'
  | 'malformed'
  /** The head is longer than it may be, empty lines before it included. */
  | 'too_large'
  /** No request can follow: see {@link RequestReader}. */
  | 'over'

/**
 * Takes the octets of one connection apart into the heads of requests, however they were cut into
 * pieces. Behind a request that is the last of its connection, or could not be read, every octet is
 * dropped: none of them is ever taken for a request (RFC 9112 §11.2).
 */
export class RequestReader {
  readonly #headerBytesMax: number
  /** All that has come and is not read, from `#from` on. */
  #octets: Buffer = NOTHING
  #from = 0
  /** Where the request line begins, empty lines skipped; at least `#from`. */
  #lineAt = 0
  /** No head ends before it. */
  #searched = 0
  /** What `#octets` grows in, where it is no piece as it came. */
  #room: Buffer = NOTHING
  #isOver = false

  constructor({ headerBytesMax }: { readonly headerBytesMax: number }) {
    this.#headerBytesMax = headerBytesMax
  }

  /** Whether nothing of a next request has come, empty lines apart. Known once `next` has read on. */
  get isBlank(): boolean {
    return this.#lineAt === this.#octets.length
  }

  /** @param piece kept as it is: nobody may write to it again. */
  add(piece: Buffer): void {
    if (this.#isOver) return
    if (this.#from === this.#octets.length) this.#keep(piece)
    else this.#append(piece)
  }

  next(): Reading {
    if (this.#isOver) return 'over'
    const headEnd = this.#findHeadEnd()
    const reading = typeof headEnd === 'string' ? headEnd : this.#readHead(headEnd)
    if (reading === 'incomplete') {
      this.#letGo()
      return reading
    }
    if (typeof reading === 'string' || reading.isLast) this.#end()
    return reading
  }

  /** @returns where the octets behind the head begin, all of it within its limit. */
  #findHeadEnd(): number | 'incomplete' | 'malformed' | 'too_large' {
    const octets = this.#octets
    let lineAt = this.#lineAt
    // RFC 9112 §2.2: empty lines before a request line are ignored.
    while (octets[lineAt] === CR && octets[lineAt + 1] === LF) lineAt += 2
    this.#lineAt = lineAt
    const limit = this.#from + this.#headerBytesMax
    if (lineAt > limit) return 'too_large'
    const isBegun =
      lineAt < octets.length && !(octets[lineAt] === CR && lineAt + 1 === octets.length)
    if (!isBegun) return 'incomplete'
    // Whoever speaks TLS here is told at once, instead of waiting for the head to be too late.
    if (!isTokenOctet(octets, lineAt)) return 'malformed'
    const from = Math.max(lineAt, this.#searched)
    const lastLineEnd = octets.indexOf(HEAD_END, from)
    const end = lastLineEnd === -1 ? octets.length : lastLineEnd + HEAD_END.length
    if (lastLineEnd !== -1 && end <= limit) return end
    // Told at once: the head of who ends lines by LF alone would never end.
    if (hasBareLineFeed(octets, { from, end: Math.min(end, limit) })) return 'malformed'
    if (end > limit) return 'too_large'
    this.#searched = octets.length - HEAD_END.length + 1
    return 'incomplete'
  }

  #readHead(end: number): ReadRequest | 'malformed' {
    const octets = this.#octets
    const line = readRequestLine(octets, this.#lineAt)
    if (line === undefined || !isKnown(line)) return 'malformed'
    const fields = readFieldLines(octets, { from: line.end, end: end - 2 })
    if (fields === undefined) return 'malformed'
    const framing = readFraming(fields, line.minorVersion)
    if (framing === undefined) return 'malformed'
    this.#from = this.#lineAt = this.#searched = end
    const { method, target, minorVersion } = line
    const { hasBody, keepsConnection, expectation } = framing
    const isLast = hasBody || !keepsConnection || method === 'CONNECT'
    return { method, target, minorVersion, fields, hasBody, isLast, expectation }
  }

  #keep(piece: Buffer): void {
    this.#octets = piece
    this.#from = this.#lineAt = this.#searched = 0
    this.#room = NOTHING
  }

  /** Room is doubled, so that a head which comes octet by octet is copied twice and not each time. */
  #append(piece: Buffer): void {
    const octets = this.#octets
    const end = octets.length + piece.length
    if (this.#room.length < end) {
      this.#room = Buffer.allocUnsafeSlow(end * 2)
      octets.copy(this.#room)
    }
    piece.copy(this.#room, octets.length)
    this.#octets = this.#room.subarray(0, end)
  }

  /** What is read is not held on to for the sake of a few octets behind it. */
  #letGo(): void {
    const from = this.#from
    if (from === 0) return
    const lineAt = this.#lineAt - from
    const searched = Math.max(0, this.#searched - from)
    const rest = from === this.#octets.length ? NOTHING : Buffer.from(this.#octets.subarray(from))
    this.#keep(rest)
    this.#lineAt = lineAt
    this.#searched = searched
  }

  #end(): void {
    this.#isOver = true
    this.#keep(NOTHING)
  }
}

function hasBareLineFeed(
  octets: Buffer,
  { from, end }: { readonly from: number; readonly end: number },
): boolean {
  for (let at = octets.indexOf(LF, from); at !== -1 && at < end; at = octets.indexOf(LF, at + 1)) {
    if (octets[at - 1] !== CR) return true
  }
  return false
}

/**
 * Whether Node's parser takes the line too: a method out of its list, which is also a vocabulary
 * that log and counters can bear, and a target of ASCII in one of the forms of RFC 9112 §3.2.
 */
function isKnown({ method, target }: RequestLine): boolean {
  return KNOWN_METHODS.has(method) && (method === 'CONNECT' || TARGET.test(target))
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS)

/** A path, `*`, or an absolute form whose authority has the characters of RFC 3986 §3.2. */
const TARGET =
  /^(?:\/[!-~]*|\*|https?:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?[\w.~!$&'()*+,;=:%[\]-]+(?:[/?#][!-~]*)?)$/i

const NOTHING = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n', 'latin1')
