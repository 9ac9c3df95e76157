/** Fault F5 of docs/reliability.md, at three nodes: somebody else holds every connection of the server. */
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { MANAGEMENT_KEY, type RunningKeyfence, send } from '../running-keyfence.ts'
import { countedAnswers, p99Text, startProber } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { changed, startThreeNodes, statusAt, type ThreeNodes, until } from './three-nodes.ts'

const CONNECTIONS_MAX = 60
/** Milliseconds are the machine's: they are judged where it does nothing else. */
const CHANGE_MS_MAX = IS_FULL_LENGTH ? 2000 : Number.POSITIVE_INFINITY

let server: RunningPostgres
let three: ThreeNodes

beforeAll(async () => {
  server = await startPostgres([`max_connections=${CONNECTIONS_MAX}`])
  three = await startThreeNodes(server)
})
afterAll(async () => {
  await three.close()
  await server.close()
})

test('requests are decided, changes are 503 in time, and all goes on when there is room again', async () => {
  const { secret } = await three.issue()
  const revoked = await three.issue()
  await changed(three.nodes[0], `POST /v1/tokens/${revoked.id}/revoke`)
  const prober = startProber(three.nodes, { token: secret, everyMs: 50 })
  const holders: Client[] = []
  // As often as it takes: a node may be quicker to come back than whoever takes its place.
  while (!(await isFull(holders))) for (const relay of three.relays) relay.cut()
  const answers = await Promise.all(three.nodes.map((node) => timedChange(node)))
  for (const node of three.nodes) expect(await statusAt(node, revoked.secret)).toBe(401)
  const held = prober.probes.length
  await until(() => prober.probes.length > held + 60)
  for (const holder of holders) await holder.end()
  const freedAtMs = performance.now()
  const next = await three.issue()
  const backMs = performance.now() - freedAtMs
  const probes = await prober.stop()
  const slowest = Math.max(...answers.map(({ tookMs }) => tookMs))
  recordFault({
    fault: 'F5',
    done: `all ${CONNECTIONS_MAX} connections of the server held by others, those of three nodes lost`,
    promised: 'no decision fails; changes are 503 with Retry-After within 2 s',
    seen: `decisions: ${JSON.stringify(countedAnswers(probes))}, p99 ${p99Text(probes)}; changes: 503 after ${slowest.toFixed(0)} ms at most; managed ${backMs.toFixed(0)} ms after there was room`,
  })
  expect(answers).toEqual(
    answers.map(() => expect.objectContaining({ status: 503, retryAfter: expect.any(String) })),
  )
  expect(slowest).toBeLessThan(CHANGE_MS_MAX)
  expect(Object.keys(countedAnswers(probes))).toEqual(['200'])
  expect(next.secret).not.toBe(secret)
}, 120_000)

/** Takes every connection that is free. @returns whether the nodes have none any more */
async function isFull(holders: Client[]): Promise<boolean> {
  for (;;) {
    const holder = new Client({ connectionString: three.url, application_name: 'holder' })
    holder.on('error', () => {})
    try {
      await holder.connect()
    } catch {
      break
    }
    holders.push(holder)
  }
  const [first] = holders
  const { rows } = (await first?.query(OF_NODES)) ?? { rows: [] }
  return rows.length === 0
}

const OF_NODES = `select 1 from pg_stat_activity where application_name = 'keyfence'`

async function timedChange({ managementUrl }: RunningKeyfence) {
  const beganAtMs = performance.now()
  const { status, headers } = await send(`${managementUrl}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'x', owner: 'acme' }),
  })
  return { status, retryAfter: headers['retry-after'], tookMs: performance.now() - beganAtMs }
}
