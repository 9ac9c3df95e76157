import type { TokenText } from '@keyfence/core'
import { expect, test } from 'vitest'
import { hashToken } from '../../token/token.ts'
import { type Digest, digestOfHash, digestOfToken, isDigestAt, keyOf, putDigest } from './digest.ts'
import { newHeap } from './heap.ts'

const AT = 3
const token = 'kf_token' as TokenText
const digest = digestOfToken(token)

test('the digest of a token is the one that its hash stands for', () => {
  expect(digest).toHaveLength(32)
  expect(digestOfHash(hashToken(token))).toBe(digest)
})

test('the key is the first word, most significant octet first', () => {
  expect(keyOf('\u0001\u0002\u0003\u0004'.padEnd(32, '\0') as Digest)).toBe(0x01020304)
  expect(keyOf('\u00ff\u00fe\u00fd\u00fc'.padEnd(32, '\0') as Digest)).toBe(0xfffefdfc - 2 ** 32)
})

test('another digest is another one, whichever octet differs and in whichever bit', () => {
  const heap = newHeap(16)
  heap.words.fill(77)
  putDigest(heap.words, AT, digest)
  expect([heap.words[AT - 1], heap.words[AT + 7]]).toEqual([77, 77])
  expect(isDigestAt(heap, AT, digest)).toBe(true)
  for (let bit = 0; bit < 256; bit++) {
    const octets = Buffer.from(digest, 'latin1')
    const at = bit >> 3
    octets.writeUInt8(octets.readUInt8(at) ^ (1 << (bit & 7)), at)
    const other = octets.toString('latin1') as Digest
    // The first four octets are the key, which stands in the slot.
    expect(keyOf(other) === keyOf(digest)).toBe(at >= 4)
    expect(isDigestAt(heap, AT, other)).toBe(at < 4)
  }
})
