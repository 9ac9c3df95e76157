import { describe, expect, test } from 'vitest'
import type { TokenId } from '../../identifier/identifier.ts'
import type { TokenHash } from '../../token/token.ts'
import type { Revision } from '../change-feed.ts'
import { digestOfHash, keyOf } from './digest.ts'
import { newHeap } from './heap.ts'
import { packRecord } from './pack-record.ts'
import {
  addSlot,
  EMPTY,
  findPublished,
  findRecord,
  forEachRecord,
  newSlots,
  publish,
  REMOVED,
  slotCount,
  slotsUsedMax,
} from './slots.ts'

/** Where each record is, in slots. */
function placesOf(slots: ReturnType<typeof newSlots>): Record<number, number> {
  const places: Record<number, number> = {}
  forEachRecord(slots, ({ offset, at }) => {
    places[offset] = at / 2
  })
  return places
}

test.each([
  { key: 0, slot: 0, because: 'the first key' },
  { key: 0x3fff_ffff, slot: 0, because: 'the last one of a quarter' },
  { key: 0x4000_0000, slot: 1, because: 'the first one of the next' },
  { key: 0x7fff_ffff, slot: 1, because: 'the last one without a sign' },
  { key: -0x8000_0000, slot: 2, because: 'keys have a sign, places have none' },
  { key: -1, slot: 3, because: 'the last key' },
])('of four slots key $key begins at $slot: $because', ({ key, slot }) => {
  const slots = newSlots(4)
  addSlot(slots, key, 9)
  expect(placesOf(slots)).toEqual({ 9: slot })
})

test('what is taken is passed by, from the last slot to the first', () => {
  const slots = newSlots(4)
  for (const offset of [5, 6, 7]) addSlot(slots, -1, offset)
  expect(placesOf(slots)).toEqual({ 5: 3, 6: 0, 7: 1 })
})

test('a removed slot leads nowhere and stays taken', () => {
  const slots = newSlots(4)
  addSlot(slots, -1, 5)
  publish(slots, 6, REMOVED)
  addSlot(slots, -1, 6)
  expect(placesOf(slots)).toEqual({ 6: 0 })
})

test('four of five slots may be used', () => {
  expect(slotCount(newSlots(10))).toBe(10)
  expect([slotsUsedMax(10), slotsUsedMax(4), slotsUsedMax(1)]).toEqual([8, 3, 0])
})

describe('of digests with the same key', () => {
  const KEY = 'ffffffff'
  const hashOf = (tail: string): TokenHash => `${KEY}${tail.padStart(56, '0')}` as TokenHash
  const heap = newHeap(256)
  const slots = newSlots(4)
  const offsets = ['1', '2'].map((tail, at) => {
    const record = packRecord({
      kind: 'unreadable',
      because: 'status',
      revision: 1 as Revision,
      tokenId: `tok_${tail}` as TokenId,
      owner: undefined,
      secrets: [{ hash: hashOf(tail), endsAt: undefined }],
    })
    const offset = 1 + at * 100
    heap.words.set(record.words, offset)
    addSlot(slots, keyOf(digestOfHash(hashOf(tail))), offset)
    return offset
  })

  test.each([
    { tail: '1', record: offsets[0], slot: 6 },
    { tail: '2', record: offsets[1], slot: 0 },
  ])('the one that ends in $tail is found by its other words', ({ tail, record, slot }) => {
    const digest = digestOfHash(hashOf(tail))
    expect(findRecord(slots, heap, digest)).toBe(record)
    expect(findPublished(slots, heap, digest)).toEqual({ slot, record })
  })

  test.each([
    { hash: hashOf('3'), because: 'another digest with that key' },
    { hash: '0'.repeat(64) as TokenHash, because: 'the key that an empty slot has' },
    { hash: '7'.repeat(64) as TokenHash, because: 'another key' },
  ])('there is none: $because', ({ hash }) => {
    expect(findRecord(slots, heap, digestOfHash(hash))).toBe(EMPTY)
    expect(findPublished(slots, heap, digestOfHash(hash))).toBeUndefined()
  })
})
