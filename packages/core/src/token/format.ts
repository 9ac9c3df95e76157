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
  if (!hasTokenCharacters(text)) return undefined
  if (text.startsWith(prefix) && !isOwnFormat(text, prefix)) return undefined
  return text as TokenText
}

/** What of a token may be shown: its prefix and last four characters, `kf_…Ab3x`. */
export function tokenHint(token: TokenText, prefix: string): string {
  return `${prefix}…${token.slice(-4)}`
}

function hasTokenCharacters(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x21 || code > 0x7e || code === COMMA) return false
  }
  return text.length > 0 && text.length <= TOKEN_LENGTH_MAX
}

const COMMA = 44
const OWN_CHARACTERS = /^[0-9A-Za-z]{40}$/

function isOwnFormat(text: string, prefix: string): boolean {
  return OWN_CHARACTERS.test(text.slice(prefix.length)) && hasChecksum(text)
}

/** The checksum is compared digit by digit, last first: a string of it would be made to be thrown away. */
function hasChecksum(text: string): boolean {
  const checkAt = text.length - CHECKSUM_LENGTH
  let rest = crc32(text, checkAt)
  for (let at = text.length - 1; at >= checkAt; at--) {
    if (text.charCodeAt(at) !== TOKEN_ALPHABET.charCodeAt(rest % 62)) return false
    rest = Math.floor(rest / 62)
  }
  return true
}

/** CRC-32 of the ASCII text as a big-endian base 62 number, left-padded to six characters. */
function checksum(text: string): string {
  let rest = crc32(text, text.length)
  let digits = ''
  while (digits.length < CHECKSUM_LENGTH) {
    digits = TOKEN_ALPHABET.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** CRC-32 as zlib has it (reflected polynomial 0xEDB88320), of ASCII text before `end`, unsigned. */
function crc32(text: string, end: number): number {
  let crc = -1
  for (let at = 0; at < end; at++) {
    // `as`: the index is below 256, and a fallback would be a branch that nothing can reach.
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(at)) & 255] as number)
  }
  return (crc ^ -1) >>> 0
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})
