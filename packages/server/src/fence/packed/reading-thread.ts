/**
 * A thread of a test: looks one token up again and again while another thread changes it, and counts
 * what it sees. What is neither of the two legal records is told at once.
 */
import {
  decide,
  parseDomain,
  parseIpAddress,
  type RequestSource,
  type TokenText,
} from '@keyfence/core'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openPackedFence } from './open-packed-fence.ts'
import type { PackedMemory } from './packed-fence.ts'

/** What such a thread begins with. */
export interface ReadingStart {
  readonly memory: PackedMemory
  readonly memories: MessagePort
  readonly token: TokenText
  /** For each legal record: its owner, and the one domain and address that it lists. */
  readonly legal: readonly LegalRecord[]
  /** One word: not 0 once it is to end. Behind it, how often each legal record was seen. */
  readonly seen: SharedArrayBuffer
}

export interface LegalRecord {
  readonly owner: string
  readonly domain: string
  readonly address: string
}

const { memory, memories, token, legal, seen } = workerData as ReadingStart // what the test passes
const counts = new Int32Array(seen)
const lookUp = openPackedFence(memory, () => {
  let newest: PackedMemory | undefined
  for (;;) {
    const received = receiveMessageOnPort(memories)
    if (received === undefined) return newest
    newest = received.message as PackedMemory // what the test sends
  }
})

const sources = legal.map(({ domain, address }) => sourcesOf(domain, address))

while (Atomics.load(counts, 0) === 0) {
  const which = seenNow()
  if (which === undefined) {
    parentPort?.postMessage('something that never was')
    break
  }
  Atomics.add(counts, which + 1, 1)
}
memories.close()
parentPort?.close()

/** Which legal record all that is read at this moment belongs to. */
function seenNow(): number | undefined {
  const found = lookUp(token)
  if (found.state !== 'known') return undefined
  const { policy } = found
  const which = legal.findIndex(({ owner }) => owner === policy.owner)
  for (const [at, requests] of sources.entries()) {
    const effect = at === which ? 'allow' : 'deny'
    const isLegal = requests.every(
      (source) => decide(policy.restrictions, source).effect === effect,
    )
    if (!isLegal) return undefined
  }
  return which === -1 ? undefined : which
}

/** Requests that the record with that domain and address allows. */
function sourcesOf(hostname: string, ip: string): readonly RequestSource[] {
  const domain = parseDomain(hostname)
  const address = parseIpAddress(ip)
  if (domain === undefined || address === undefined) throw new Error(`${hostname}, ${ip}`)
  return [
    { kind: 'browser', domain, mayMatch: true },
    { kind: 'server', address },
  ]
}
