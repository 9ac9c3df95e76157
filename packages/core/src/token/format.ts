import type { Brand } from '../parsed.ts'

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
  const mayBeToken = text.startsWith(prefix, start)
    ? isOwnFormat(text, start, prefix.length)
    : hasTokenCharacters(text, start)
  return mayBeToken ? (text.slice(start) as TokenText) : undefined
}

/** What of a token may be shown: its prefix and last four characters, `kf_…Ab3x`. */
export function tokenHint(token: TokenText, prefix: string): string {
  return `${prefix}…${token.slice(-4)}`
}

function hasTokenCharacters(text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x21 || code > 0x7e || code === COMMA) return false
  }
  return text.length > start && text.length - start <= TOKEN_LENGTH_MAX
}

const COMMA = 44

/**
 * One pass over the characters, without a branch for each: this is a tenth of a decision, and was
 * twice as dear with comparisons for the alphabet and a division for each digit (measured).
 */
function isOwnFormat(text: string, start: number, prefixLength: number): boolean {
  const randomAt = start + prefixLength
  const checkAt = randomAt + TOKEN_RANDOM_LENGTH
  const end = checkAt + CHECKSUM_LENGTH
  if (text.length !== end) return false
  let crc = CRC_START
  let at = start
  for (; at < randomAt; at++) crc = crcWith(crc, text.charCodeAt(at))
  // Negative as soon as one character is none of the alphabet.
  let digits = 0
  for (; at + 4 <= checkAt; at += 4) {
    const first = text.charCodeAt(at)
    const second = text.charCodeAt(at + 1)
    const third = text.charCodeAt(at + 2)
    const fourth = text.charCodeAt(at + 3)
    digits |= digitOf(first) | digitOf(second) | digitOf(third) | digitOf(fourth)
    crc = crcWithFour(crc ^ (first | (second << 8) | (third << 16) | (fourth << 24)))
  }
  for (; at < checkAt; at++) {
    const code = text.charCodeAt(at)
    digits |= digitOf(code)
    crc = crcWith(crc, code)
  }
  let sent = 0
  for (; at < end; at++) {
    const digit = digitOf(text.charCodeAt(at))
    digits |= digit
    sent = sent * 62 + digit
  }
  // Exact: six digits of base 62 stay below 2^36, and each six of them are another number.
  return digits >= 0 && sent === crcEnd(crc)
}

/** What a character stands for in base 62, -1 if it is none of the alphabet. */
function digitOf(code: number): number {
  return code < DIGITS.length ? (DIGITS[code] as number) : -1 // `as`: it is within the table
}

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
