/** Fault F15 of docs/reliability.md, at three nodes: the event loop of one is held up, from outside and by work. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { send } from '../running-keyfence.ts'
import { answersText, countedAnswers, type Probe, p99Text, startProber } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import {
  type FaultyNode,
  importTokens,
  startThreeNodes,
  statusAt,
  type ThreeNodes,
  until,
} from './three-nodes.ts'

const PROBE_EVERY_MS = 20
const BURSTS = IS_FULL_LENGTH ? 120 : 12
const TOKENS = IS_FULL_LENGTH ? 100_000 : 2000
/** Milliseconds are the machine's: they are judged where it does nothing else. */
const LATE_AFTER_MS_MAX = IS_FULL_LENGTH ? 1000 : Number.POSITIVE_INFINITY
/** A caller's fields may wait unread for as long as the node has no turn: that is not the caller's fault. */
const FLAGS = ['--headers-timeout-ms=60000']

let server: RunningPostgres
let three: ThreeNodes

beforeAll(async () => {
  server = await startPostgres()
})
beforeEach(async () => {
  three = await startThreeNodes(server, FLAGS)
})
afterEach(() => three.close())
afterAll(() => server.close())

test(
  'a node that stands still for 400 of every 500 ms is not ready, and fails no decision',
  async () => {
    const { secret } = await three.issue()
    const [, , stalled] = three.nodes
    const prober = startProber(three.nodes, { token: secret, everyMs: PROBE_EVERY_MS })
    await until(async () => (await reasonAt(stalled)) === null)
    const beganAtMs = performance.now()
    let lateAfterMs: number | undefined
    for (let burst = 0; burst < BURSTS; burst++) {
      await standStill(stalled, { stopMs: 400, goMs: 100 })
      if ((await reasonAt(stalled)) !== 'event_loop_late') continue
      lateAfterMs ??= performance.now() - beganAtMs
    }
    const endedAtMs = performance.now()
    await until(async () => (await reasonAt(stalled)) === null)
    const readyAfterMs = performance.now() - endedAtMs
    const probes = await prober.stop()
    recordFault({
      fault: 'F15',
      done: `one of three nodes stopped for 400 of every 500 ms, ${BURSTS} times, three nodes asked ${1000 / PROBE_EVERY_MS} times a second`,
      promised: 'it is not ready within 1 s and ready soon after; no decision fails',
      seen: `not ready after ${lateAfterMs?.toFixed(0)} ms, ready ${readyAfterMs.toFixed(0)} ms after the last; there ${textOf(probes, [2])}; the others: ${textOf(probes, [0, 1])}`,
    })
    expect(lateAfterMs).toBeLessThanOrEqual(LATE_AFTER_MS_MAX)
    expect(Object.keys(countedAnswers(probes))).toEqual(['200'])
    expect(await lateSecondsAt(stalled)).toBeGreaterThan(0.2)
  },
  120_000 + BURSTS * 1000,
)

test(
  `${TOKENS} tokens are imported at one node, and no decision fails`,
  async () => {
    const { secret } = await three.issue()
    const prober = startProber(three.nodes, { token: secret, everyMs: PROBE_EVERY_MS })
    await until(() => prober.probes.length >= 150)
    const before = prober.probes.length
    const beganAtMs = performance.now()
    await importTokens(three.nodes[0], { keyOf, owner: 'acme', count: TOKENS })
    const tookMs = performance.now() - beganAtMs
    const during = prober.probes.slice(before)
    for (const node of three.nodes) {
      await until(async () => (await statusAt(node, keyOf(TOKENS - 1))) === 200)
    }
    const probes = await prober.stop()
    recordFault({
      fault: 'F15',
      done: `${TOKENS} tokens imported at one of three nodes, asked ${1000 / PROBE_EVERY_MS} times a second`,
      promised: 'no decision fails',
      seen: `in ${(tookMs / 1000).toFixed(1)} s; there ${textOf(during, [0])}; the others: ${textOf(during, [1, 2])}; before: ${textOf(probes.slice(0, before), [0, 1, 2])}`,
    })
    expect(Object.keys(countedAnswers(probes))).toEqual(['200'])
  },
  180_000 + TOKENS * 50,
)

const keyOf = (at: number): string => `key-${at}`

async function standStill(
  { process }: FaultyNode,
  { stopMs, goMs }: { readonly stopMs: number; readonly goMs: number },
): Promise<void> {
  process.kill('SIGSTOP')
  // The pauses are the fault itself.
  await delay(stopMs)
  process.kill('SIGCONT')
  await delay(goMs)
}

async function reasonAt({ managementUrl }: FaultyNode): Promise<string | null> {
  return JSON.parse((await send(`${managementUrl}/readyz`)).body).reason
}

/** What the metrics tell of a node's loop. */
async function lateSecondsAt({ managementUrl }: FaultyNode): Promise<number> {
  const { body } = await send(`${managementUrl}/metrics`)
  return Number(/^keyfence_event_loop_late_seconds_total (.*)$/m.exec(body)?.[1])
}

function textOf(probes: readonly Probe[], nodes: readonly number[]): string {
  const asked = probes.filter(({ node }) => nodes.includes(node))
  return `${answersText(asked)}, p99 ${p99Text(asked)}`
}
