import type { TokenText } from '@keyfence/core'
import { expect, test } from 'vitest'
import type { TokenId } from '../../identifier/identifier.ts'
import { hashToken } from '../../token/token.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { HEAP_START, newHeap } from './heap.ts'
import { hashOctets } from './offset-index.ts'
import { packRecord } from './pack-record.ts'
import { hasId, hashOfId, idOf, packedId } from './token-id.ts'

const UUID = 'tok_019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8'

test.each([UUID, 'tok_00000000-0000-7000-8000-0000000000ff'])(
  '%s is the 16 octets of its UUID',
  (id) => {
    const { isText, octets } = packedId(id as TokenId)
    expect([isText, octets.toString('hex')]).toEqual([false, id.slice(4).replaceAll('-', '')])
  },
)

test.each([
  ['', 'nothing'],
  ['tok_', 'the prefix alone'],
  [UUID.slice(0, -1), 'a digit less'],
  [`${UUID}0`, 'a digit more'],
  [UUID.toUpperCase().replace('TOK', 'tok'), 'capital letters'],
  [UUID.replace('tok_', 'key_'), 'another prefix'],
  [UUID.replace('-4d', '4-d'), 'a dash elsewhere'],
  [UUID.replaceAll('-', '0'), 'no dashes'],
  [UUID.replace('-7', '07'), 'a dash less'],
  [UUID.replace('019', '-19'), 'a dash more'],
  [UUID.replace('01', '0g'), 'a letter behind f'],
  [UUID.replace('01', 'g1'), 'the same, first of its octet'],
  [UUID.replace('01', '0/'), 'a sign before the digits'],
  [UUID.replace('01', '0:'), 'a sign behind them'],
  [UUID.replace('01', '0\u0130'), 'a letter beyond ASCII'],
  [UUID.replace('f8', 'f '), 'a blank at the end'],
])('%j is kept as text: %s', (id) => {
  const { isText, octets } = packedId(id as TokenId)
  expect([isText, octets.toString()]).toEqual([true, id])
})

/** Sixteen octets that are letters: as text, and as a UUID. */
const LETTERS = 'abcdefghijklmnop'
const LETTERS_UUID = 'tok_61626364-6566-6768-696a-6b6c6d6e6f70'

/** A heap with the record of a token, and what follows it. */
function heapWith(tokenId: string) {
  const change = savedChange({ revision: 1, tokenId, hash: hashToken('kf_x' as TokenText) })
  const heap = newHeap(1024)
  heap.octets.fill(LETTERS)
  heap.words.set(packRecord(change).words, HEAP_START)
  return heap
}

test.each([UUID, LETTERS_UUID, LETTERS, 'tok_1', 'tok_ü', 'x'.repeat(300)])(
  'the record of %s has that id alone',
  (tokenId) => {
    const heap = heapWith(tokenId)
    const id = packedId(tokenId as TokenId)
    expect(idOf(heap, HEAP_START)).toBe(tokenId)
    expect(hasId(heap, HEAP_START, id)).toBe(true)
    expect(hashOfId(heap, HEAP_START)).toBe(hashOctets(id.octets))
    const others = [UUID.replace('f8', 'f9'), `${tokenId}x`, tokenId.slice(0, -1), 'other']
    const same = tokenId === LETTERS ? [LETTERS_UUID] : [LETTERS]
    for (const other of [...others, ...same].filter((given) => given !== tokenId)) {
      expect(hasId(heap, HEAP_START, packedId(other as TokenId)), other).toBe(false)
    }
  },
)
