/**
 * Makes a guard and tells how its first copy came: how long it took, how many octets it was on the
 * wire, and what the process takes up. Parameters: where Keyfence is, and a key that follows.
 */
import { createGuard, type GuardWorld } from '../../packages/guard/src/index.ts'
import { platformWorld } from '../../packages/guard/src/guard/guard-world.ts'

/** What a guard's first copy took. */
export interface CopyMeasures {
  readonly readyMs: number
  /** User and system, all threads, the start of the process not among them. */
  readonly cpuMs: number
  readonly receivedBytes: number
  /** What the process takes up, and what of it lives on the heap. */
  readonly memoryMb: number
  readonly heapMb: number
  readonly secrets: number
}

const [, , url = '', key = ''] = process.argv
let receivedBytes = 0
const world: GuardWorld = {
  ...platformWorld,
  fetch: async (from, request) => {
    const answer = await platformWorld.fetch(from, request)
    receivedBytes += Number(answer.headers.get('content-length') ?? 0)
    return answer
  },
}
const began = performance.now()
const usage = process.cpuUsage()
const guard = await createGuard({ url, key }, world)
await guard.ready
const readyMs = performance.now() - began
const { user, system } = process.cpuUsage(usage)
globalThis.gc?.()
const { rss, heapUsed } = process.memoryUsage()
process.send?.({
  readyMs,
  cpuMs: (user + system) / 1000,
  receivedBytes,
  memoryMb: rss / 2 ** 20,
  heapMb: heapUsed / 2 ** 20,
  secrets: guard.freshness().secrets,
} satisfies CopyMeasures)
await guard.close()
