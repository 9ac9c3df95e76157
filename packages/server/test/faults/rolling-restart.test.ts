/** Fault F28 of docs/reliability.md: three nodes on one database are restarted in turn. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { startBalancer } from '../crash/balancer.ts'
import { recordFault } from './recorded-fault.ts'
import {
  type FaultyNode,
  startNodeBehind,
  startThreeNodes,
  statusAt,
  type ThreeNodes,
} from './three-nodes.ts'

const FLAGS = ['--drain-delay-ms=2000']
const REQUESTS_BETWEEN = 50

let server: RunningPostgres
let three: ThreeNodes
const started: FaultyNode[] = []

beforeAll(async () => {
  server = await startPostgres()
  three = await startThreeNodes(server, FLAGS)
})
afterAll(async () => {
  await Promise.all(started.map((node) => node.close()))
  await three.close()
  await server.close()
})

test('behind a balancer that looks at /readyz, no decision fails', async () => {
  const { secret } = await three.issue()
  const nodes: FaultyNode[] = [...three.nodes]
  const balancer = startBalancer(nodes, secret)
  await balancer.serve(REQUESTS_BETWEEN)
  for (const [at, old] of three.nodes.entries()) {
    expect(await old.stop('SIGTERM')).toBe(0)
    const next = await startNodeBehind(old.relay, { url: three.url, flags: FLAGS })
    started.push(next)
    nodes[at] = next
    await balancer.serve(REQUESTS_BETWEEN)
  }
  const failures = await balancer.stop()
  recordFault({
    fault: 'F28',
    done: 'three nodes restarted in turn behind a balancer that looks at /readyz',
    promised: 'no decision fails',
    seen: `${failures.length} of ${balancer.served()} requests failed`,
  })
  expect(failures).toEqual([])
  for (const node of nodes) expect(await statusAt(node, secret)).toBe(200)
}, 120_000)
