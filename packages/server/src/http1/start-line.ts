import { CR, isTokenOctet, LF } from './header-section.ts'

/** HTTP/1.0 or HTTP/1.1: nothing else is spoken here. */
export type HttpMinorVersion = 0 | 1

/** A request line (RFC 9112 §3), octets as received. */
export interface RequestLine {
  readonly method: string
  /** Not empty, without blank or control character; in whatever form. */
  readonly target: string
  readonly minorVersion: HttpMinorVersion
  /** Where the next line begins. */
  readonly end: number
}

/** A status line (RFC 9112 §4), octets as received. */
export interface StatusLine {
  readonly minorVersion: HttpMinorVersion
  /** From 100 to 999. */
  readonly status: number
  /** May be empty. */
  readonly reasonPhrase: string
  /** Where the next line begins. */
  readonly end: number
}

/** @returns `undefined` if no request line of HTTP/1.x stands at `from`, complete with its CRLF. */
export function readRequestLine(octets: Buffer, from: number): RequestLine | undefined {
  let at = from
  while (isTokenOctet(octets, at)) at++
  if (at === from || octets[at] !== SP) return undefined
  const methodEnd = at
  const targetAt = ++at
  while (isTargetOctet(octets[at])) at++
  if (at === targetAt || octets[at] !== SP) return undefined
  const minorVersion = versionAt(octets, at + 1)
  const lineEnd = at + 1 + VERSION_LENGTH
  if (minorVersion === undefined || !isLineEnd(octets, lineEnd)) return undefined
  return {
    method: octets.toString('latin1', from, methodEnd),
    target: octets.toString('latin1', targetAt, at),
    minorVersion,
    end: lineEnd + 2,
  }
}

/** @returns `undefined` if no status line of HTTP/1.x stands at `from`, complete with its CRLF. */
export function readStatusLine(octets: Buffer, from: number): StatusLine | undefined {
  const minorVersion = versionAt(octets, from)
  const statusAt = from + VERSION_LENGTH + 1
  const status = statusOf(octets, statusAt)
  if (minorVersion === undefined || octets[statusAt - 1] !== SP) return undefined
  if (status === undefined || status < STATUS_MIN) return undefined
  let at = statusAt + 3
  // Servers leave the blank out that stands before an empty phrase.
  const phraseAt = octets[at] === SP ? at + 1 : at
  if (phraseAt > at) for (at = phraseAt; isPhraseOctet(octets[at]); ) at++
  if (!isLineEnd(octets, at)) return undefined
  return {
    minorVersion,
    status,
    reasonPhrase: octets.toString('latin1', phraseAt, at),
    end: at + 2,
  }
}

const SP = 32
const VERSION_LENGTH = 8
const VERSION_1 = Buffer.from('HTTP/1.', 'latin1')
const DIGIT_0 = 48
const STATUS_MIN = 100

function versionAt(octets: Buffer, at: number): HttpMinorVersion | undefined {
  for (let index = 0; index < VERSION_LENGTH - 1; index++) {
    if (octets[at + index] !== VERSION_1[index]) return undefined
  }
  const minorVersion = (octets[at + VERSION_LENGTH - 1] ?? 0) - DIGIT_0
  return minorVersion === 0 || minorVersion === 1 ? minorVersion : undefined
}

/** The number of three digits, `undefined` if they are none. */
function statusOf(octets: Buffer, at: number): number | undefined {
  let status = 0
  for (let digit = 0; digit < 3; digit++) {
    const value = (octets[at + digit] ?? 0) - DIGIT_0
    if (value < 0 || value > 9) return undefined
    status = status * 10 + value
  }
  return status
}

function isTargetOctet(octet = 0): boolean {
  return octet > SP && octet !== 127
}

function isPhraseOctet(octet = 0): boolean {
  return octet === 9 || (octet >= SP && octet !== 127)
}

function isLineEnd(octets: Buffer, at: number): boolean {
  return octets[at] === CR && octets[at + 1] === LF
}
