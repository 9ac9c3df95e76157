/** CRC-32 as zlib has it, over ASCII text, one bit at a time; 0 to 2³² − 1. */
export function crc32(text: string): number {
  let register = 0xffffffff
  for (const character of text) {
    register ^= character.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1 ? (register >>> 1) ^ 0xedb88320 : register >>> 1
    }
  }
  return ~register >>> 0
}

/** The last six characters of our token: its CRC-32, "big-endian base 62, left-padded with `0`". */
export function tokenChecksum(textBefore: string): string {
  let rest = crc32(textBefore)
  let digits = ''
  while (digits.length < 6) {
    digits = DIGITS.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
