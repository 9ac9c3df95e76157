import type { Brand } from '../parsed.ts'
import { DIGEST_WORDS, PADDING_MAX, sha256 } from './sha256.ts'

/** The text of a token or management key as its holder sends it. Never stored, logged or shown. */
export type TokenText = Brand<string, 'TokenText'>

/** Characters a token's random part and checksum are made of, in base 62 order. */
export const TOKEN_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** How many random characters a token has: 62^34 is 202 bits. */
export const TOKEN_RANDOM_LENGTH = 34

/** The prefix of management keys; tokens have the one of the setting `tokenPrefix`. */
export const MANAGEMENT_KEY_PREFIX = 'kfm_'

const CHECKSUM_LENGTH = 6
const TOKEN_LENGTH_MAX = 512

/** A token of ours: the prefix, the random characters, their checksum (spec §6). */
export function formatToken(prefix: string, random: string): TokenText {
  return `${prefix}${random}${checksum(prefix + random)}` as TokenText
}

/**
 * Whether the text may be a token at all: 1–512 characters of `!`–`~` without a comma, and if it
 * begins with our prefix, exactly our format with the right checksum.
 * @returns `undefined` for what is malformed.
 */
export function parseTokenText(text: string, prefix: string): TokenText | undefined {
  return parseTokenTextIn(text, 0, prefix)
}

/**
 * As {@link parseTokenText}, of what `text` holds from `start` on: a part of a string is dearer to
 * read than the string (measured, and done for every request).
 */
export function parseTokenTextIn(
  text: string,
  start: number,
  prefix: string,
): TokenText | undefined {
  if (!readOctets(text, start)) return undefined
  const mayBeToken = beginsWith(prefix) ? isOwnFormat(prefix.length) : hasTokenCharacters()
  if (!mayBeToken) return undefined
  lastRead = text.slice(start) as TokenText
  return lastRead
}

/**
 * The SHA-256 of a token as eight words, the most significant first. A token that was parsed just
 * before is not read again: reading a string costs a fourth of its hash (measured).
 * @returns words that last until the next call.
 * @throws TypeError for a text that {@link parseTokenText} would never have given.
 */
export function tokenDigest(token: TokenText): Int32Array {
  if (token !== lastRead && !readOctets(token, 0)) throw new TypeError('this is no token')
  lastRead = token
  sha256(octetsView, octetCount, digest)
  return digest
}

/** What of a token may be shown: its prefix and last four characters, `kf_…Ab3x`. */
export function tokenHint(token: TokenText, prefix: string): string {
  return `${prefix}…${token.slice(-4)}`
}

/** The token whose octets these are, if it was one. */
let lastRead: TokenText | undefined
/** The characters that were read last, one octet each, and room for what their hash pads. */
const octets = new Uint8Array(TOKEN_LENGTH_MAX + PADDING_MAX)
const octetsView = new DataView(octets.buffer)
let octetCount = 0
const digest = new Int32Array(DIGEST_WORDS)

/** Reads what `text` holds from `start` on. @returns whether it is 1–512 characters of ASCII */
function readOctets(text: string, start: number): boolean {
  lastRead = undefined
  octetCount = text.length - start
  if (octetCount < 1 || octetCount > TOKEN_LENGTH_MAX) return false
  let all = 0
  for (let at = 0; at < octetCount; at++) {
    const code = text.charCodeAt(start + at)
    all |= code
    octets[at] = code
  }
  return all < 128
}

/** A prefix does not reach beyond what was read: behind it are octets of another text. */
function beginsWith(prefix: string): boolean {
  if (prefix.length > octetCount) return false
  for (let at = 0; at < prefix.length; at++) {
    if (octets[at] !== prefix.charCodeAt(at)) return false
  }
  return true
}

function hasTokenCharacters(): boolean {
  for (let at = 0; at < octetCount; at++) {
    const code = octets[at] as number // `as` here and below: these have been read
    if (code < 0x21 || code > 0x7e || code === COMMA) return false
  }
  return true
}

const COMMA = 44

/**
 * One pass over the characters, without a branch for each: this is a tenth of a decision, and was
 * twice as dear with comparisons for the alphabet and a division for each digit (measured).
 */
function isOwnFormat(prefixLength: number): boolean {
  const checkAt = prefixLength + TOKEN_RANDOM_LENGTH
  if (octetCount !== checkAt + CHECKSUM_LENGTH) return false
  let crc = CRC_START
  let at = 0
  for (; at + 4 <= checkAt; at += 4) crc = crcWithFour(crc ^ octetsView.getInt32(at, true))
  for (; at < checkAt; at++) crc = crcWith(crc, octets[at] as number)
  // Negative as soon as one character is none of the alphabet.
  let digits = 0
  for (at = prefixLength; at < checkAt; at++) digits |= DIGITS[octets[at] as number] as number
  let sent = 0
  for (; at < octetCount; at++) {
    const digit = DIGITS[octets[at] as number] as number
    digits |= digit
    sent = sent * 62 + digit
  }
  // Exact: six digits of base 62 stay below 2^36, and each six of them are another number.
  return digits >= 0 && sent === crcEnd(crc)
}

/** What an ASCII character stands for in base 62, -1 if it is none of the alphabet. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  TOKEN_ALPHABET.indexOf(String.fromCharCode(code)),
)

/** CRC-32 of the ASCII text as a big-endian base 62 number, left-padded to six characters. */
function checksum(text: string): string {
  let crc = CRC_START
  for (let at = 0; at < text.length; at++) crc = crcWith(crc, text.charCodeAt(at))
  let rest = crcEnd(crc)
  let digits = ''
  while (digits.length < CHECKSUM_LENGTH) {
    digits = TOKEN_ALPHABET.charAt(rest % 62) + digits
    rest = (rest / 62) >>> 0
  }
  return digits
}

/** CRC-32 as zlib has it (reflected polynomial 0xEDB88320), character by character of ASCII text. */
const CRC_START = -1

function crcWith(crc: number, code: number): number {
  // `as`: the index is below 256, and a fallback would be a branch that nothing can reach.
  return (crc >>> 8) ^ (CRC_TABLE[(crc ^ code) & 255] as number)
}

/**
 * As {@link crcWith} four times, of four characters that stand in the word already, the first one
 * lowest. Their look-ups wait for nothing but the word, where one by one each waits for the one before.
 */
function crcWithFour(word: number): number {
  // `as`: as above, the tables have 256 numbers each.
  return (
    (CRC_TABLES[768 + (word & 255)] as number) ^
    (CRC_TABLES[512 + ((word >>> 8) & 255)] as number) ^
    (CRC_TABLES[256 + ((word >>> 16) & 255)] as number) ^
    (CRC_TABLES[word >>> 24] as number)
  )
}

/** The checksum of the characters so far, unsigned. */
function crcEnd(crc: number): number {
  return (crc ^ -1) >>> 0
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** What an octet becomes with none, one, two and three octets of zero behind it: 256 numbers each. */
const CRC_TABLES = Int32Array.from({ length: 1024 }, (_, at) => {
  let crc = crcWith(0, at & 255)
  for (let zeros = at >>> 8; zeros > 0; zeros--) crc = crcWith(crc, 0)
  return crc
})
