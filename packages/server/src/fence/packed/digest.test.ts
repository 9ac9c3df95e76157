import type { TokenText } from '@keyfence/core'
import { expect, test } from 'vitest'
import { hashToken, type TokenHash } from '../../token/token.ts'
import { type Digest, digestOfHash, digestOfToken, isDigestAt, keyOf, putDigest } from './digest.ts'
import { newHeap } from './heap.ts'

const AT = 3
const token = 'kf_token' as TokenText
const digest = digestOfHash(hashToken(token))

test('the digest of a token is the one that its hash stands for', () => {
  expect(digest).toHaveLength(8)
  expect(digestOfToken(token)).toEqual(digest)
  expect(digestOfToken('kf_other' as TokenText)).not.toEqual(digest)
})

test('the key is the first word, most significant octet first', () => {
  const zeros = '0'.repeat(56)
  expect(keyOf(digestOfHash(`01020304${zeros}` as TokenHash))).toBe(0x01020304)
  expect(keyOf(digestOfHash(`fffefdfc${zeros}` as TokenHash))).toBe(0xfffefdfc - 2 ** 32)
})

test.each(['', 'zz', '0102', '01020304zz', '01020304'])(
  'a damaged hash is nobody\'s: "%s"',
  (text) => {
    const damaged = digestOfHash(text as TokenHash)
    expect(damaged).toHaveLength(8)
    expect([...damaged.subarray(1)]).toEqual([0, 0, 0, 0, 0, 0, 0])
  },
)

test('another digest is another one, whichever word differs and in whichever bit', () => {
  const heap = newHeap(16)
  heap.words.fill(77)
  putDigest(heap.words, AT, digest)
  expect([heap.words[AT - 1], heap.words[AT + 7]]).toEqual([77, 77])
  expect(isDigestAt(heap, AT, digest)).toBe(true)
  for (let bit = 0; bit < 256; bit++) {
    const at = bit >> 5
    const other = Int32Array.from(digest, (word, place) =>
      place === at ? word ^ (1 << (bit & 31)) : word,
    ) as Digest
    // The first word is the key, which stands in the slot.
    expect(keyOf(other) === keyOf(digest)).toBe(at >= 1)
    expect(isDigestAt(heap, AT, other)).toBe(at < 1)
  }
})
