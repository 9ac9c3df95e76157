/** Fault F17 of docs/reliability.md, at three nodes: very many tokens are revoked by one call under load. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { countedAnswers, isRefusedAt, p99Text, startProber } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import {
  changed,
  importTokens,
  startThreeNodes,
  statusAt,
  type ThreeNodes,
  until,
} from './three-nodes.ts'

const PROBE_EVERY_MS = 20
const TOKENS = IS_FULL_LENGTH ? 10_000 : 1000
/** Milliseconds are the machine's: they are judged where it does nothing else. */
const LAST_ALLOW_MS_MAX = IS_FULL_LENGTH ? 2000 : Number.POSITIVE_INFINITY

let server: RunningPostgres
let three: ThreeNodes

beforeAll(async () => {
  server = await startPostgres()
  three = await startThreeNodes(server)
})
afterAll(async () => {
  await three.close()
  await server.close()
})

test(
  `${TOKENS} tokens revoked by one call are refused by all nodes soon, and no other decision fails`,
  async () => {
    const other = await three.issue()
    await importTokens(three.nodes[0], { keyOf, owner: 'bulk', count: TOKENS })
    for (const node of three.nodes) {
      await until(async () => (await statusAt(node, keyOf(TOKENS - 1))) === 200)
    }
    const others = startProber(three.nodes, { token: other.secret, everyMs: PROBE_EVERY_MS })
    // The last of them: it comes last in the feed.
    const revoked = startProber(three.nodes, { token: keyOf(TOKENS - 1), everyMs: PROBE_EVERY_MS })
    await until(() => others.probes.length >= 150)
    const before = others.probes.length
    const askedAtMs = performance.now()
    const { status, body } = await changed(three.nodes[1], 'POST /v1/tokens/revoke', {
      owner: 'bulk',
    })
    const answeredAfterMs = performance.now() - askedAtMs
    await until(() => three.nodes.every((_, node) => isRefusedAt(node, revoked.probes)))
    const seen = await revoked.stop()
    const during = others.probes.slice(before)
    const probes = await others.stop()
    const allowed = seen.filter((probe) => probe.status === 200)
    const lastMs = Math.max(0, ...allowed.map(({ sentAtMs }) => sentAtMs - askedAtMs))
    recordFault({
      fault: 'F17',
      done: `${TOKENS} tokens revoked by one call, three nodes asked ${1000 / PROBE_EVERY_MS} times a second`,
      promised:
        'all nodes refuse all of them within 2 s of asking for it; other tokens: no error, p99 at most doubled',
      seen: `answered after ${answeredAfterMs.toFixed(0)} ms, the last wrong allow after ${lastMs.toFixed(0)} ms; others: ${JSON.stringify(countedAnswers(during))}, p99 ${p99Text(during)} (before: ${p99Text(probes.slice(0, before))})`,
    })
    expect([status, body]).toMatchObject([200, { revoked: TOKENS }])
    expect(Object.keys(countedAnswers(seen)).toSorted()).toEqual(['200', '401'])
    expect(Object.keys(countedAnswers(probes))).toEqual(['200'])
    expect(lastMs).toBeLessThanOrEqual(LAST_ALLOW_MS_MAX)
    for (const node of three.nodes) {
      for (let at = 0; at < TOKENS; at += 97) expect(await statusAt(node, keyOf(at))).toBe(401)
    }
  },
  240_000 + TOKENS * 50,
)

const keyOf = (at: number): string => `bulk-key-${at}`
