import { hash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatToken,
  MANAGEMENT_KEY_PREFIX,
  parseTokenText,
  parseTokenTextIn,
  TOKEN_ALPHABET,
  TOKEN_RANDOM_LENGTH,
  tokenDigest,
  tokenHint,
  type TokenText,
} from './format.ts'

/** The checksum by other means: zlib's CRC-32, and division of big integers. */
function checksum(text: string): string {
  let rest = BigInt(crc32(text))
  let digits = ''
  for (let place = 0; place < 6; place++) {
    digits = TOKEN_ALPHABET.charAt(Number(rest % 62n)) + digits
    rest /= 62n
  }
  return digits
}

const RANDOM = 'aB3'.repeat(12).slice(0, 34)
const TOKEN = formatToken('kf_', RANDOM)

/** Of a token whose checksum ends in `z`, the same number as one more of 62 and -1 of 1. */
function withBorrowedDigit(): string {
  for (let count = 0; count < 10_000; count++) {
    const token = formatToken('kf_', `${count}`.padStart(34, '0'))
    const [tens = '', ones] = token.slice(-2)
    if (ones === 'z' && tens !== 'z') {
      const next = TOKEN_ALPHABET.charAt(TOKEN_ALPHABET.indexOf(tens) + 1)
      return `${token.slice(0, -2)}${next}-`
    }
  }
  throw new Error('no checksum ends in z')
}

/** Of a token whose checksum begins with 0, which is the same number without it. */
function withoutLeadingZero(): string {
  for (let count = 0; count < 10_000; count++) {
    const token = formatToken('kf_', `${count}`.padStart(34, '0'))
    if (token.at(-6) === '0') return token.slice(0, -6) + token.slice(-5)
  }
  throw new Error('no checksum begins with 0')
}

test('the alphabet is base 62 in its usual order, 34 characters of it are 202 bits', () => {
  expect(TOKEN_ALPHABET).toMatch(/^0-?1.*9A.*Za.*z$/)
  expect(new Set(TOKEN_ALPHABET).size).toBe(62)
  expect(TOKEN_ALPHABET.split('').sort().join('')).toBe(TOKEN_ALPHABET)
  expect(Math.floor(TOKEN_RANDOM_LENGTH * Math.log2(62))).toBe(202)
})

describe('what is malformed', () => {
  test.each<{ text: string; because: string }>([
    { text: '', because: 'nothing' },
    { text: 'a'.repeat(513), because: '513 characters' },
    { text: 'a b', because: 'a blank' },
    { text: ' a', because: 'a blank in front' },
    { text: 'a,b', because: 'a comma' },
    { text: 'a\n', because: 'a line break' },
    { text: 'a\u007f', because: 'DEL' },
    { text: '\u00e9', because: 'not ASCII' },
    { text: 'kf_', because: 'a prefix alone' },
    { text: 'kf_x', because: 'our prefix, too short' },
    { text: TOKEN.slice(0, -1), because: 'the last character missing' },
    { text: `${TOKEN}x`, because: 'a character too many' },
    { text: `kf_${RANDOM}000000`, because: 'another checksum' },
    { text: `kf_${RANDOM.toUpperCase()}${TOKEN.slice(-6)}`, because: 'another case' },
    { text: TOKEN.replace('a', '-'), because: 'a character outside the alphabet' },
    { text: `kf_${'_'.repeat(40)}`, because: 'characters outside the alphabet' },
    { text: formatToken('kf_', RANDOM.replace('a', '-')), because: 'one that is in the checksum' },
    { text: formatToken('kf_', RANDOM.replace('a', '\u00e1')), because: 'one that is not ASCII' },
    { text: formatToken('kf_', RANDOM.replace('a', '\u0161')), because: 'an `a` in its low octet' },
    { text: formatToken('kf_', RANDOM.replace('a', '\u0080')), because: 'the first beyond ASCII' },
    { text: `kf_${RANDOM}0${TOKEN.slice(-6)}`, because: 'a zero more before its checksum' },
    { text: withoutLeadingZero(), because: 'a zero less in its checksum' },
    { text: withBorrowedDigit(), because: 'a checksum of the right value in other characters' },
    {
      text: formatToken('xx_', RANDOM).replace('xx_', 'kf_'),
      because: 'the checksum covers the prefix',
    },
  ])('$text: $because', ({ text }) => {
    expect(parseTokenText(text, 'kf_')).toBeUndefined()
  })

  test.each<{ text: string; because: string }>([
    { text: TOKEN, because: 'a token of ours' },
    { text: '!', because: 'the first character that may be' },
    { text: '~', because: 'the last' },
    { text: '+-', because: 'the neighbours of the comma' },
    { text: 'a'.repeat(512), because: '512 characters' },
    { text: 'KF_x', because: 'another prefix' },
    { text: 'xkf_x', because: 'our prefix elsewhere' },
    { text: `${MANAGEMENT_KEY_PREFIX}x`, because: 'the prefix of management keys is not kf_' },
    { text: '__proto__', because: 'a name that objects know' },
  ])('$text may be a token: $because', ({ text }) => {
    expect(parseTokenText(text, 'kf_')).toBe(text)
  })
})

test('a text that is shorter than our prefix is not taken for what was read before it', () => {
  expect(parseTokenText(TOKEN, 'kf_')).toBe(TOKEN)
  expect(parseTokenText('kf', 'kf_')).toBe('kf')
})

test('what stands before a token is no part of it, nor of its length', () => {
  const longest = 'a'.repeat(512)
  expect(parseTokenTextIn(`Bearer ${longest}`, 7, 'kf_')).toBe(longest)
  expect(parseTokenTextIn(`Bearer ${longest}a`, 7, 'kf_')).toBeUndefined()
})

test('CRC-32 as zlib has it, in six digits of base 62', () => {
  // "123456789" is the check value of every catalogue of CRCs: 0xCBF43926.
  expect(crc32('123456789')).toBe(0xcbf43926)
  expect(formatToken('', '123456789')).toBe('1234567893jZRME')
  expect(checksum('123456789')).toBe('3jZRME')
})

test('a small checksum is padded on the left with 0', () => {
  const small = Array.from({ length: 2000 }, (_, at) => String(at)).find(
    (text) => crc32(text) < 62 ** 4,
  )
  expect(small).toBeDefined()
  expect(formatToken('', small ?? '').slice(-6)).toMatch(/^00/)
  expect(formatToken('', small ?? '')).toBe(`${small}${checksum(small ?? '')}`)
})

test('1,000 tokens have the format, the checksum and no equal', () => {
  const tokens = Array.from({ length: 1000 }, () => {
    const random = Array.from({ length: 34 }, () => TOKEN_ALPHABET.charAt(randomInt(62))).join('')
    return formatToken('kf_', random)
  })
  expect(new Set(tokens).size).toBe(1000)
  for (const token of tokens) {
    expect(token).toMatch(/^kf_[0-9A-Za-z]{40}$/)
    expect(token.slice(-6)).toBe(checksum(token.slice(0, -6)))
    expect(parseTokenText(token, 'kf_')).toBe(token)
  }
})

test('one changed character is always noticed', () => {
  const letter = fc.constantFrom(...TOKEN_ALPHABET.split(''))
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 42 }), letter, (at, other) => {
      if (TOKEN.charAt(at) === other) return
      const changed = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1)
      expect(parseTokenText(changed, 'kf_')).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})

describe('the digest of a token is its SHA-256', () => {
  const other = formatToken('kf_', 'x'.repeat(34))
  const hexOf = (token: TokenText): string =>
    Array.from(tokenDigest(token), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')

  test.each<{ parsed: readonly string[]; because: string }>([
    { parsed: [], because: 'one that was never parsed' },
    { parsed: [TOKEN], because: 'the one that was parsed last' },
    { parsed: [TOKEN, other], because: 'one that another was parsed behind' },
    { parsed: [TOKEN, `${other}x`], because: 'one that a malformed one was parsed behind' },
    { parsed: [TOKEN, 'a'.repeat(513)], because: 'one that a text too long was parsed behind' },
    {
      parsed: [TOKEN, TOKEN.replace('a', '\u0161')],
      because: 'one that is equal in its low octets',
    },
    { parsed: [TOKEN, ''], because: 'one that nothing was parsed behind' },
  ])('$because', ({ parsed }) => {
    for (const text of parsed) parseTokenText(text, 'kf_')
    expect(hexOf(TOKEN)).toBe(hash('sha256', TOKEN))
    expect(hexOf(TOKEN)).toBe(hash('sha256', TOKEN))
  })

  test('without what stands before it', () => {
    const token = parseTokenTextIn(`Bearer ${TOKEN}`, 7, 'kf_')
    expect(token === undefined ? '' : hexOf(token)).toBe(hash('sha256', TOKEN))
  })

  test('of every length', () => {
    for (let length = 1; length <= 512; length++) {
      const text = Array.from({ length }, (_, at) => String.fromCharCode(45 + ((at * length) % 82)))
      const token = parseTokenText(text.join(''), 'kf_')
      expect(token === undefined ? '' : hexOf(token)).toBe(hash('sha256', text.join('')))
    }
  })

  test.each(['', 'a'.repeat(513), '\u00e9', '\u0080'])(
    'and not of what is no token: %s',
    (text) => {
      expect(() => tokenDigest(text as TokenText)).toThrow(TypeError)
    },
  )
})

test('a hint shows the prefix and the last four characters', () => {
  expect(tokenHint(TOKEN, 'kf_')).toBe(`kf_…${TOKEN.slice(-4)}`)
})
