import { type Brand, DIGEST_WORDS, tokenDigest, type TokenText } from '@keyfence/core'
import type { TokenHash } from '../../token/token.ts'
import { type Heap, wordAt } from './heap.ts'
import { DIGITS, octetOf } from './hexadecimal.ts'

/** SHA-256 as eight words, signed, the most significant first. */
export type Digest = Brand<Int32Array, 'Digest'>

/** A digest's first word is its key in the slots; these stand in the record. */
export const DIGEST_WORDS_IN_RECORD = DIGEST_WORDS - 1

/** The digest of a token as its holder sends it. It lasts until the next one. */
export function digestOfToken(token: TokenText): Digest {
  return tokenDigest(token) as Digest // what it is
}

/**
 * The digest that a hash of the store stands for: 64 digits of lower-case hexadecimal. What a damaged
 * one lacks is zeros, in whole words, which no token is known to have.
 */
export function digestOfHash(tokenHash: TokenHash): Digest {
  const words = new Int32Array(DIGEST_WORDS)
  for (let word = 0, at = 0; word < DIGEST_WORDS; word++, at += 8) {
    const first = octetOf(DIGITS, tokenHash, at)
    const second = octetOf(DIGITS, tokenHash, at + 2)
    const third = octetOf(DIGITS, tokenHash, at + 4)
    const fourth = octetOf(DIGITS, tokenHash, at + 6)
    if ((first | second | third | fourth) < 0) break
    words[word] = (first << 24) | (second << 16) | (third << 8) | fourth
  }
  return words as Digest // SHA-256 in words
}

/** The first of a digest's eight words. */
export function keyOf(digest: Digest): number {
  return digest[0] as number // `as` here and below: a digest has eight
}

/** Whether the seven words at `offset` are the digest's words behind its key. */
export function isDigestAt(heap: Heap, offset: number, digest: Digest): boolean {
  for (let word = 0; word < DIGEST_WORDS_IN_RECORD; word++) {
    if (wordAt(heap, offset + word) !== digest[word + 1]) return false
  }
  return true
}

/** Puts the digest's words behind its key at `offset`. */
export function putDigest(words: Int32Array, offset: number, digest: Digest): void {
  for (let word = 0; word < DIGEST_WORDS_IN_RECORD; word++) {
    words[offset + word] = digest[word + 1] as number
  }
}
