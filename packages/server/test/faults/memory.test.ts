/** Fault F14 of docs/reliability.md: a node with little memory is asked with tokens that are all different. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'
import { statusOf } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { statusAt } from './three-nodes.ts'

const ASKED = IS_FULL_LENGTH ? 1_000_000 : 20_000
const AT_ONCE = 50
/**
 * With halves of 16 MiB for what is new, as they are otherwise, such a heap is collected as a whole over and
 * over: five times the CPU, and 276 MiB after a million tokens.
 */
const HEAP = '--max-old-space-size=64 --max-semi-space-size=2'
const RSS_MIB_MAX = 256

let keyfence: RunningKeyfence

beforeAll(async () => {
  // What it cannot do within, it ends over: V8 then aborts the process.
  const env = { NODE_OPTIONS: HEAP }
  keyfence = await startKeyfence({ env })
})
afterAll(() => keyfence.close())

test(
  `${ASKED} tokens that nobody knows fit into the memory that a node has anyway`,
  async () => {
    const { body } = await manage(keyfence, 'POST /v1/tokens', { name: 'x', owner: 'acme' })
    const before = memoryOf(keyfence)
    const statuses = await askRandomly()
    const after = memoryOf(keyfence)
    recordFault({
      fault: 'F14',
      done: `${ASKED} random tokens asked at a node with NODE_OPTIONS="${HEAP}"`,
      promised: `each is refused, the process lives and never has more than ${RSS_MIB_MAX} MiB`,
      seen: `${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}; at most ${after.mostMib} MiB, before ${before.nowMib} MiB and then ${after.nowMib} MiB`,
    })
    expect([...statuses]).toEqual([[401, ASKED]])
    expect(await statusAt(keyfence, body.secret)).toBe(200)
    expect(after.mostMib).toBeLessThanOrEqual(RSS_MIB_MAX)
  },
  120_000 + ASKED * 3,
)

/** @returns how often each status came */
async function askRandomly(): Promise<ReadonlyMap<number | string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const statuses = new Map<number | string, number>()
  let left = ASKED
  const asking = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      const status = await statusOf(keyfence.url, { agent, token: randomBytes(20).toString('hex') })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })
  await Promise.all(asking)
  agent.destroy()
  return statuses
}

/** As Linux counts what is resident: now, and at most since the start. */
function memoryOf({ process: { pid } }: RunningKeyfence) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mibOf = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024)
  return { nowMib: mibOf('VmRSS'), mostMib: mibOf('VmHWM') }
}
