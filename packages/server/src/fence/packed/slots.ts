import { type Digest, keyOf } from './digest.ts'
import type { Heap } from './heap.ts'
import { mappedMemory } from './mapped-memory.ts'
import { holdsDigest } from './record.ts'

/**
 * The open-addressed table that leads from a digest to the record of its token. A slot is two words:
 * the digest's first word as key, then the record's offset.
 *
 * One thread writes while others read: a key is written before its offset, and from then on the slot
 * is that digest's for as long as the table lives. Only its offset changes, in one atomic store, and
 * only from one complete record to another or to `REMOVED`. So a reader sees the record of before or
 * that of after, and never a part of one.
 */
export type Slots = Int32Array<SharedArrayBuffer>

/** A slot's offset before it was ever used. */
export const EMPTY = 0
/** A slot's offset once its digest is known no more. The slot stays taken until the next table. */
export const REMOVED = -1

const SLOT_WORDS = 2
/** Beyond this share of used slots, look-ups begin to wander. */
const LOAD_MAX = 0.8

/** A new table of so many slots, all empty. */
export function newSlots(count: number): Slots {
  const words = count * SLOT_WORDS
  return new Int32Array(mappedMemory(words * Int32Array.BYTES_PER_ELEMENT), 0, words)
}

/** How many slots a table has. */
export function slotCount(slots: Int32Array): number {
  return slots.length / SLOT_WORDS
}

/** How many slots of a table may be used. */
export function slotsUsedMax(count: number): number {
  return Math.floor(count * LOAD_MAX)
}

/** Finds the record of a digest, `EMPTY` if it has none. All 256 bits are compared. */
export function findRecord(slots: Slots, heap: Heap, digest: Digest): number {
  const key = keyOf(digest)
  for (let at = firstSlot(slots, key); ; at = nextSlot(slots, at)) {
    const slotKey = slots[at]
    // An empty slot has the key 0, and so may a used one.
    if (slotKey !== key && slotKey !== 0) continue
    const offset = Atomics.load(slots, at + 1)
    if (offset === EMPTY) return EMPTY
    if (slotKey === key && offset !== REMOVED && holdsDigest(heap, offset, digest)) return offset
  }
}

/** Where a record is published for a digest, and which record it is. */
export interface PublishedRecord {
  readonly slot: number
  readonly record: number
}

/** As {@link findRecord}, for the one who writes. */
export function findPublished(
  slots: Slots,
  heap: Heap,
  digest: Digest,
): PublishedRecord | undefined {
  const record = findRecord(slots, heap, digest)
  if (record === EMPTY) return undefined
  const key = keyOf(digest)
  let slot = firstSlot(slots, key)
  while (slots[slot] !== key || slots[slot + 1] !== record) slot = nextSlot(slots, slot)
  return { slot, record }
}

/** Publishes a record, or `REMOVED`, in a slot that exists. */
export function publish(slots: Slots, slot: number, offset: number): void {
  Atomics.store(slots, slot + 1, offset)
}

/** Takes the first empty slot for a key that has none, and publishes its record. */
export function addSlot(slots: Slots, key: number, offset: number): void {
  let at = firstSlot(slots, key)
  while (slots[at + 1] !== EMPTY) at = nextSlot(slots, at)
  Atomics.store(slots, at, key)
  Atomics.store(slots, at + 1, offset)
}

/** Calls back for each slot that leads to a record. */
export function forEachRecord(
  slots: Slots,
  visit: (slot: { readonly key: number; readonly offset: number; readonly at: number }) => void,
): void {
  for (let at = 0; at < slots.length; at += SLOT_WORDS) {
    const key = slots[at] ?? 0
    const offset = slots[at + 1] ?? EMPTY
    if (offset !== EMPTY && offset !== REMOVED) visit({ key, offset, at })
  }
}

/** Digests are spread evenly, so the key as a fraction says where to begin; keys stand nearly sorted. */
function firstSlot(slots: Slots, key: number): number {
  return Math.floor(((key >>> 0) / 2 ** 32) * (slots.length / SLOT_WORDS)) * SLOT_WORDS
}

function nextSlot(slots: Slots, at: number): number {
  return at + SLOT_WORDS < slots.length ? at + SLOT_WORDS : 0
}
