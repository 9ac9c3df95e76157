import type { TokenText } from '@keyfence/core'
import { once } from 'node:events'
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { startThread } from '../../thread/start-thread.ts'
import { hashToken } from '../../token/token.ts'
import type { TokenChange } from '../change-feed.ts'
import { savedChange } from '../saved-change-fixture.ts'
import { openPackedFence } from './open-packed-fence.ts'
import { packedFence } from './packed-fence.ts'
import type { LegalRecord, ReadingStart } from './reading-thread.ts'

const READERS = 2
/** How often each reader has to see each record: one that saw a single one has proven nothing. */
const SEEN_MIN = 2000
const CHANGES_MAX = 2_000_000
/** So small that the memory moves every few changes. */
const TINY = { slotsMin: 4, heapWordsMin: 64 }

const LEGAL: readonly LegalRecord[] = [
  { owner: 'acme', domain: 'shop.example.com', address: '8.8.8.8' },
  // Longer in every part, so that a reader of half a record would run into the next one.
  { owner: 'globex'.repeat(12), domain: `${'a'.repeat(60)}.example.org`, address: '2001:4860::1' },
]

const token = 'kf_token' as TokenText
const threads: Worker[] = []
const ports: MessagePort[] = []

afterEach(async () => {
  for (const port of ports.splice(0)) port.close()
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
})

function recordOf({ owner, domain, address }: LegalRecord, revision: number): TokenChange {
  return savedChange({
    revision,
    tokenId: 'tok_one',
    owner,
    hash: hashToken(token),
    domains: [domain],
    ips: [address],
  })
}

function startReader(start: Omit<ReadingStart, 'memories'>) {
  const { port1, port2 } = new MessageChannel()
  const thread = startThread(import.meta.url, './reading-thread', {
    workerData: { ...start, memories: port2 } satisfies ReadingStart,
    transferList: [port2],
  })
  threads.push(thread)
  ports.push(port1)
  let said: unknown
  thread.on('message', (message) => {
    said = message
  })
  const ended = once(thread, 'exit')
  return { ended, moved: (memory: unknown) => port1.postMessage(memory), said: () => said }
}

test('readers in other threads see the one record or the other while it changes, and nothing else', async () => {
  let tellAll: (memory: unknown) => void = () => {}
  const fence = packedFence({ sizes: TINY, moved: (memory) => tellAll(memory) })
  const change = (at: number): void => {
    const record = LEGAL[at % LEGAL.length]
    if (record !== undefined) fence.apply(recordOf(record, at))
  }
  change(0)
  const readers = Array.from({ length: READERS }, () => {
    const seen = new SharedArrayBuffer((1 + LEGAL.length) * Int32Array.BYTES_PER_ELEMENT)
    const start = { memory: fence.memory, token, legal: LEGAL, seen }
    return { ...startReader(start), counts: new Int32Array(seen) }
  })
  tellAll = (memory) => {
    for (const { moved } of readers) moved(memory)
  }
  const isDone = (): boolean =>
    readers.every(
      ({ counts, said }) =>
        said() !== undefined || LEGAL.every((_, at) => Atomics.load(counts, at + 1) >= SEEN_MIN),
    )
  let changes = 0
  while (changes < CHANGES_MAX && !isDone()) {
    for (let turn = 0; turn < 500; turn++) change(++changes)
    await new Promise(setImmediate)
  }
  for (const { counts } of readers) Atomics.store(counts, 0, 1)
  await Promise.all(readers.map(({ ended }) => ended))
  for (const { counts, said } of readers) {
    expect(said()).toBeUndefined()
    for (const at of LEGAL.keys()) expect(counts[at + 1]).toBeGreaterThanOrEqual(SEEN_MIN)
  }
}, 60_000)

test('a reader that has no newer memory says nothing of what it has', () => {
  const fence = packedFence({ sizes: TINY })
  fence.apply(recordOf(LEGAL[0] as LegalRecord, 0)) // the table has two
  const { memory } = fence
  const read = openPackedFence(memory, () => undefined)
  expect(read(token).state).toBe('known')
  fence.clear()
  expect(read(token).state).toBe('unavailable')
})
