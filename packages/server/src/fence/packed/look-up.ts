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
  return { state: 'known', policy: policyAt(heap, record), secretEndsAt }
}

/**
 * The policy of a record: the one of before, if it is among those that were looked up last. Its texts are
 * made already then, and a token that is used often is told by the same ones each time, whose hashes are
 * known. Only of one heap, so that none that has been left is kept for its policies.
 */
function policyAt(heap: Heap, record: number): PackedPolicy {
  if (heap !== latestHeap) {
    latestHeap = heap
    latest = noPolicies()
  }
  const place = record & PLACES_MASK
  const known = latest[place]
  if (known?.isOf(record) === true) return known
  const policy = new PackedPolicy(heap, record)
  latest[place] = policy
  return policy
}

const PLACES = 1024
const PLACES_MASK = PLACES - 1
let latestHeap: Heap | undefined
let latest = noPolicies()

function noPolicies(): (PackedPolicy | undefined)[] {
  return Array.from({ length: PLACES }, () => undefined)
}

const UNKNOWN: TokenLookup = { state: 'unknown' }
const UNREADABLE: TokenLookup = { state: 'unreadable' }

function ending(heap: Heap, record: number, digest: Digest): number | undefined {
  const at = endingsAt(heap, record) + secretAt(heap, record, digest) * TIME_WORDS
  const endsAt = timeAt(heap, at)
  return Number.isNaN(endsAt) ? undefined : endsAt
}
