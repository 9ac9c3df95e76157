import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DIGEST_WORDS, PADDING_MAX, sha256 } from './sha256.ts'

function hexOf(message: Uint8Array, before = 0): string {
  const octets = new Uint8Array(message.length + PADDING_MAX).fill(before)
  octets.set(message)
  const digest = new Int32Array(DIGEST_WORDS).fill(before)
  sha256(new DataView(octets.buffer), message.length, digest)
  return Array.from(digest, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

test.each<{ message: string; gives: string }>([
  { message: '', gives: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  { message: 'abc', gives: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  {
    message: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    gives: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
])('the example of FIPS 180-4: "$message"', ({ message, gives }) => {
  expect(hexOf(Buffer.from(message))).toBe(gives)
})

test('is what the runtime says, for every length up to some blocks', () => {
  for (let length = 0; length <= 300; length++) {
    const message = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255)
    expect(hexOf(message)).toBe(hash('sha256', message))
  }
})

test('is what the runtime says of any octets, whatever stood where it writes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 700 }),
      fc.integer({ min: 0, max: 255 }),
      (message, before) => {
        expect(hexOf(message, before)).toBe(hash('sha256', message))
      },
    ),
  )
})
