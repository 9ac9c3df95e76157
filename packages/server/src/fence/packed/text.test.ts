import { describe, expect, test } from 'vitest'
import { HEAP_START, type Heap, newHeap, WORD_BYTES } from './heap.ts'
import { hashOctets } from './offset-index.ts'
import { hashOfText, isTextAt, metadataAt, ownerAt, packedText, textOctets } from './text.ts'

/** A heap with a text at `HEAP_START` and something else behind it. */
function heapWith(text: Buffer): Heap {
  const heap = newHeap(1024)
  heap.octets.fill(0xff)
  heap.octets.set(text, HEAP_START * WORD_BYTES)
  return heap
}

function packed(owner: string, metadata: Readonly<Record<string, string>> = {}): Buffer {
  const text = packedText(owner, metadata)
  if (text === undefined) throw new Error('too long')
  return Buffer.from(text) // it lasts until the next one
}

describe('a text says owner and metadata again, and where it ends', () => {
  test.each<{ owner: string; metadata?: Record<string, string>; words: number; because: string }>([
    { owner: '', words: 1, because: 'nothing but the lengths' },
    { owner: 'acme', words: 2, because: 'no metadata take no room' },
    { owner: 'acmes', words: 3, because: 'whole words' },
    { owner: 'ü', words: 2, because: 'counted in octets' },
    { owner: 'acme', metadata: { plan: 'ü' }, words: 6, because: 'both' },
    { owner: 'x'.repeat(4095), words: 1025, because: 'the longest owner' },
  ])('$owner $metadata: $because', ({ owner, metadata = {}, words }) => {
    const text = packed(owner, metadata)
    const heap = newHeap(2048)
    heap.octets.fill(0xff).set(text, HEAP_START * WORD_BYTES)
    expect(text.length).toBe(words * WORD_BYTES)
    expect(ownerAt(heap, HEAP_START)).toBe(owner)
    expect(metadataAt(heap, HEAP_START)).toEqual(metadata)
    expect(textOctets(heap, HEAP_START)).toEqual(text)
    expect(hashOfText(heap, HEAP_START)).toBe(hashOctets(text))
    expect(isTextAt(heap, HEAP_START, text)).toBe(true)
  })

  test.each([
    { owner: 'x'.repeat(4096), metadata: {}, because: 'an owner of more than 4095 octets' },
    { owner: 'ü'.repeat(2048), metadata: {}, because: 'octets, not characters' },
    { owner: 'x', metadata: { x: 'x'.repeat(1_048_568) }, because: 'more than 1 MiB of metadata' },
  ])('there is none of $because', ({ owner, metadata }) => {
    expect(packedText(owner, metadata)).toBeUndefined()
  })

  test('the longest metadata are kept', () => {
    expect(packedText('x', { x: 'x'.repeat(1_048_567) })).toBeDefined()
  })
})

describe('a text is not another', () => {
  test.each([
    { other: packed('acmf', { plan: 'pro' }), because: 'another owner of that length' },
    { other: packed('acme', { plan: 'prp' }), because: 'other metadata of that length' },
    { other: packed('acme'), because: 'none' },
    { other: packed('acme', { plan: 'pro', x: '' }), because: 'more' },
    { other: packed('acme{"plan":"pro"}'), because: 'the same octets, divided otherwise' },
  ])('$because', ({ other }) => {
    expect(isTextAt(heapWith(packed('acme', { plan: 'pro' })), HEAP_START, other)).toBe(false)
  })
})
