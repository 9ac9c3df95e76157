import type { TokenLookup, TokenText } from '@keyfence/core'
import { digestOfToken, type Digest } from './digest.ts'
import { type Heap, timeAt } from './heap.ts'
import { PackedPolicy } from './packed-policy.ts'
import { endingsAt, FLAGS, headOf, secretAt, TIME_WORDS } from './record.ts'
import { EMPTY, findRecord, type Slots } from './slots.ts'

/** What is known of a token by these slots and this heap; `unavailable` is never the answer. */
export function lookUpPacked(slots: Slots, heap: Heap, token: TokenText): TokenLookup {
  const digest = digestOfToken(token)
  const record = findRecord(slots, heap, digest)
  if (record === EMPTY) return UNKNOWN
  const head = headOf(heap, record)
  if ((head & FLAGS.unreadable) !== 0) return UNREADABLE
  const secretEndsAt = (head & FLAGS.endings) === 0 ? undefined : ending(heap, record, digest)
  return { state: 'known', policy: new PackedPolicy(heap, record), secretEndsAt }
}

const UNKNOWN: TokenLookup = { state: 'unknown' }
const UNREADABLE: TokenLookup = { state: 'unreadable' }

function ending(heap: Heap, record: number, digest: Digest): number | undefined {
  const at = endingsAt(heap, record) + secretAt(heap, record, digest) * TIME_WORDS
  const endsAt = timeAt(heap, at)
  return Number.isNaN(endsAt) ? undefined : endsAt
}
