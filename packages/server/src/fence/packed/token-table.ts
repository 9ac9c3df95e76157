import { hashOctets, OffsetIndex } from './offset-index.ts'
import { type Digest, keyOf } from './digest.ts'
import { HEAP_START, type Heap, heapOf, newHeap, WORD_BYTES, wordAt } from './heap.ts'
import type { PackedRecord } from './pack-record.ts'
import { recordWords, secretCount, textReferenceAt } from './record.ts'
import {
  addSlot,
  findPublished,
  forEachRecord,
  newSlots,
  publish,
  REMOVED,
  type Slots,
  slotCount,
  slotsUsedMax,
} from './slots.ts'
import { hashOfText, isTextAt, textOctets } from './text.ts'
import { hashOfId, hasId, type PackedId } from './token-id.ts'

/** How small a table may be; given by tests, so that few tokens make it grow and collide. */
export interface TableSizes {
  readonly slotsMin: number
  readonly heapWordsMin: number
}

export const TABLE_SIZES: TableSizes = { slotsMin: 1024, heapWordsMin: 16_384 }

/** All that a table is at a moment; to be kept, and made into a table again. */
export interface TableImage {
  /** The heap's words in use, which never change, at the beginning of a heap with room for more. */
  readonly heap: Int32Array<SharedArrayBuffer>
  readonly slots: Int32Array
  readonly ids: Int32Array
  readonly texts: Int32Array
  readonly counts: TableCounts
}

export interface TableCounts {
  /** Slots that lead to a record, or did. */
  readonly slotsUsed: number
  /** Secrets that lead to a record. */
  readonly secrets: number
  /** Words of the records that slots lead to. */
  readonly recordWords: number
  /** Words of texts when the heap was last compacted; later ones may be garbage already. */
  readonly textWords: number
}

/** Slots in use after growing, so that it grows by a quarter: a pass over slots alone is cheap. */
const LOAD_AFTER = 0.64

/**
 * The writer's side of the packed tokens: slots and heap, which readers share, and beside them what
 * only a writer needs, where each token's record is and which texts are there.
 *
 * Records are only ever added to the heap. Where it is full, all of it moves to a larger one; where
 * it is more than half garbage, the records in use alone; where slots run out, those to more slots.
 * Readers of the old memory keep what they have: `generation` tells that there is other.
 */
export class TokenTable {
  readonly #sizes: TableSizes
  #generation: number
  #heap: Heap
  #slots: Slots
  #ids: OffsetIndex
  #texts: OffsetIndex
  /** Where the next record begins. */
  #top = HEAP_START
  #slotsUsed = 0
  #secrets = 0
  #recordWords = 0
  #textWords = 0

  /** Empty and of the first generation, unless told otherwise. */
  constructor(
    sizes: TableSizes,
    {
      image,
      generation = 1,
    }: { readonly image?: TableImage | undefined; readonly generation?: number },
  ) {
    this.#sizes = sizes
    this.#generation = generation
    this.#heap = image === undefined ? newHeap(sizes.heapWordsMin) : heapOf(image.heap.buffer)
    this.#slots = newSlots(image === undefined ? sizes.slotsMin : slotCount(image.slots))
    this.#ids = this.#newIds(image?.ids)
    this.#texts = this.#newTexts(image?.texts)
    if (image === undefined) return
    this.#slots.set(image.slots)
    this.#top = image.heap.length
    this.#slotsUsed = image.counts.slotsUsed
    this.#secrets = image.counts.secrets
    this.#recordWords = image.counts.recordWords
    this.#textWords = image.counts.textWords
  }

  /** Grows with every move to other memory, so whoever shares it has to be told. */
  get generation(): number {
    return this.#generation
  }

  get heap(): Heap {
    return this.#heap
  }

  get slots(): Slots {
    return this.#slots
  }

  /** How many secrets are known. */
  get secrets(): number {
    return this.#secrets
  }

  /** The table as it is now; only the heap is not copied. */
  image(): TableImage {
    return {
      heap: this.#heap.words.subarray(0, this.#top),
      slots: this.#slots.slice(),
      ids: this.#ids.table.slice(),
      texts: this.#texts.table.slice(),
      counts: {
        slotsUsed: this.#slotsUsed,
        secrets: this.#secrets,
        recordWords: this.#recordWords,
        textWords: this.#textWords,
      },
    }
  }

  /** Puts a token in place of what was known of it. A record without secrets is found by nobody. */
  put(record: PackedRecord): void {
    if (record.digests.length === 0) return this.remove(record.id, [])
    this.#makeRoom(record)
    const hash = hashOctets(record.id.octets)
    const previous = this.#ids.find(hash, (offset) => hasId(this.#heap, offset, record.id))
    const offset = this.#append(record)
    this.#publishRecord(record.digests, { previous, offset })
    this.#recordWords += record.words.length
    if (previous === 0) this.#ids.add(hash, offset)
    else this.#replace(hash, previous, offset)
  }

  /** Forgets a token; its digests are asked first, because that is cheap. */
  remove(id: PackedId, digests: readonly Digest[]): void {
    const hash = hashOctets(id.octets)
    const previous = this.#ids.find(hash, (offset) => hasId(this.#heap, offset, id))
    if (previous === 0) return
    let left = secretCount(this.#heap, previous)
    for (const digest of digests) {
      const published = findPublished(this.#slots, this.#heap, digest)
      if (published?.record !== previous) continue
      this.#removeSlot(published.slot)
      left--
    }
    if (left > 0) this.#removeSlotsOf(previous)
    this.#replace(hash, previous, undefined)
  }

  /** Writes the record behind all others. Nobody sees it yet. */
  #append(record: Pick<PackedRecord, 'words' | 'text' | 'textReferenceAt'>): number {
    const text = record.text === undefined ? 0 : this.#textOffset(record.text)
    const offset = this.#top
    this.#heap.words.set(record.words, offset)
    this.#heap.words[offset + record.textReferenceAt] = text
    this.#top += record.words.length
    return offset
  }

  #publishRecord(
    digests: readonly Digest[],
    { previous, offset }: { readonly previous: number; readonly offset: number },
  ): void {
    let left = previous === 0 ? 0 : secretCount(this.#heap, previous)
    for (const digest of digests) {
      const published = findPublished(this.#slots, this.#heap, digest)
      if (published === undefined) this.#addSlot(digest, offset)
      else publish(this.#slots, published.slot, offset)
      if (published?.record === previous) left--
    }
    if (left > 0) this.#removeSlotsOf(previous)
  }

  #addSlot(digest: Digest, offset: number): void {
    addSlot(this.#slots, keyOf(digest), offset)
    this.#slotsUsed++
    this.#secrets++
  }

  #removeSlot(slot: number): void {
    publish(this.#slots, slot, REMOVED)
    this.#secrets--
  }

  /**
   * Removes whatever leads to a record. A pass over all slots: it is needed only where a token's
   * change no longer names a hash that was the token's, which no sound store does.
   */
  #removeSlotsOf(record: number): void {
    forEachRecord(this.#slots, ({ offset, at }) => {
      if (offset === record) this.#removeSlot(at)
    })
  }

  #replace(hash: number, previous: number, offset: number | undefined): void {
    this.#recordWords -= recordWords(this.#heap, previous)
    this.#ids.replace(hash, previous, offset)
  }

  /** Where the text is, once for all tokens that have the same. */
  #textOffset(text: Buffer): number {
    const hash = hashOctets(text)
    const known = this.#texts.find(hash, (offset) => isTextAt(this.#heap, offset, text))
    if (known !== 0) return known
    const offset = this.#top
    this.#heap.octets.set(text, offset * WORD_BYTES)
    this.#top += text.length / WORD_BYTES
    this.#texts.add(hash, offset)
    return offset
  }

  #makeRoom({ words, text, digests }: PackedRecord): void {
    const wordsNeeded = words.length + (text?.length ?? 0) / WORD_BYTES
    if (this.#isMostlyGarbage()) this.#compact(wordsNeeded, digests.length)
    else {
      if (this.#top + wordsNeeded > this.#heap.words.length) this.#growHeap(wordsNeeded)
      if (this.#slotsUsed + digests.length > slotsUsedMax(slotCount(this.#slots))) {
        this.#moveSlots(digests.length)
      }
    }
  }

  /** Texts added since the heap was last compacted count as garbage: each may be. */
  #isMostlyGarbage(): boolean {
    const kept = this.#recordWords + this.#textWords
    return this.#top > this.#sizes.heapWordsMin && this.#top > 2 * kept
  }

  /**
   * To twice the heap, as it is: offsets stay what they are, so that nothing has to be found again.
   * The slots move too, or readers of the old heap would find offsets beyond its end.
   */
  #growHeap(wordsNeeded: number): void {
    const heap = newHeap(2 * (this.#top + wordsNeeded))
    heap.words.set(this.#heap.words.subarray(0, this.#top))
    const slots = newSlots(slotCount(this.#slots))
    slots.set(this.#slots)
    this.#heap = heap
    this.#slots = slots
    this.#generation++
  }

  /** To more slots, without the removed ones. Keys stand nearly in order, so it is nearly one pass. */
  #moveSlots(slotsNeeded: number): void {
    const slots = this.#newSlots(slotsNeeded)
    forEachRecord(this.#slots, ({ key, offset }) => addSlot(slots, key, offset))
    this.#slots = slots
    this.#slotsUsed = this.#secrets
    this.#generation++
  }

  /** To a new heap with what is in use alone, and room for as much again. */
  #compact(wordsNeeded: number, slotsNeeded: number): void {
    const from = { heap: this.#heap, slots: this.#slots }
    const slots = this.#newSlots(slotsNeeded)
    this.#heap = newHeap(Math.max(2 * (this.#top + wordsNeeded), this.#sizes.heapWordsMin))
    this.#ids = this.#newIds(new Int32Array(this.#ids.table.length))
    this.#texts = this.#newTexts(new Int32Array(this.#texts.table.length))
    this.#top = HEAP_START
    this.#recordWords = 0
    const moved = new Map<number, number>()
    forEachRecord(from.slots, ({ key, offset }) => {
      const to = moved.get(offset) ?? this.#copyRecord(from.heap, offset)
      // Other slots lead there too.
      if (secretCount(from.heap, offset) > 1) moved.set(offset, to)
      addSlot(slots, key, to)
    })
    this.#textWords = this.#top - HEAP_START - this.#recordWords
    this.#slots = slots
    this.#slotsUsed = this.#secrets
    this.#generation++
  }

  #copyRecord(from: Heap, record: number): number {
    const words = from.words.subarray(record, record + recordWords(from, record))
    const referenceAt = textReferenceAt(from, record)
    const text = wordAt(from, referenceAt)
    const offset = this.#append({
      words,
      textReferenceAt: referenceAt - record,
      text: text === 0 ? undefined : textOctets(from, text),
    })
    this.#recordWords += words.length
    this.#ids.add(hashOfId(from, record), offset)
    return offset
  }

  #newSlots(slotsNeeded: number): Slots {
    const count = Math.ceil((this.#secrets + slotsNeeded) / LOAD_AFTER)
    return newSlots(Math.max(count, this.#sizes.slotsMin))
  }

  #newIds(table?: Int32Array): OffsetIndex {
    return new OffsetIndex((offset) => hashOfId(this.#heap, offset), table)
  }

  #newTexts(table?: Int32Array): OffsetIndex {
    return new OffsetIndex((offset) => hashOfText(this.#heap, offset), table)
  }
}
