/** Fault F27 of docs/reliability.md, at three nodes: one stands still while a token is revoked elsewhere. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/store/postgres/running-postgres.ts'
import { MANAGEMENT_KEY, type RunningKeyfence, send } from '../running-keyfence.ts'
import { countedAnswers, startProber } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { changed, startThreeNodes, statusAt, type ThreeNodes, until } from './three-nodes.ts'

/** The least that may be set, and what is set where nobody says anything. */
const MAX_STALENESS_MS = IS_FULL_LENGTH ? 60_000 : 5000
const PAUSE_MS = IS_FULL_LENGTH ? 120_000 : 6000
const FIRST_REQUESTS = 10

let server: RunningPostgres
let three: ThreeNodes

beforeAll(async () => {
  server = await startPostgres()
  three = await startThreeNodes(server, [`--max-staleness-ms=${MAX_STALENESS_MS}`])
})
afterAll(async () => {
  await three.close()
  await server.close()
})

test(
  'it is named to who waits for all, and its first answers let nothing through',
  async () => {
    const { id, secret } = await three.issue()
    const lasting = await three.issue()
    const [at, other, paused] = three.nodes
    const self = (await nodesAt(paused)).find(({ isSelf }) => isSelf)
    paused.process.kill('SIGSTOP')
    const stoppedAtMs = performance.now()
    await changed(at, `POST /v1/tokens/${id}/revoke`)
    const { body } = await changed(at, `POST /v1/tokens/${id}/revoke?wait=all&waitSeconds=1`)
    const { nodes } = body as unknown as { readonly nodes: readonly WaitedNode[] } // it was waited for
    const prober = startProber([at, other], { token: lasting.secret, everyMs: 50 })
    // They wait in the socket and are the first that it sees.
    const waiting = Array.from({ length: FIRST_REQUESTS }, () => statusAt(paused, secret))
    // Waiting is the fault itself.
    await delay(PAUSE_MS - (performance.now() - stoppedAtMs))
    paused.process.kill('SIGCONT')
    const first = await Promise.all(waiting)
    await until(async () => (await statusAt(paused, lasting.secret)) === 200)
    const afterwards = await statusAt(paused, secret)
    const others = countedAnswers(await prober.stop())
    recordFault({
      fault: 'F27',
      done: `one of three nodes stopped for ${PAUSE_MS / 1000} s (maxStalenessMs ${MAX_STALENESS_MS}), a token revoked at another`,
      promised: '?wait=all names it; its first decisions are refusals; the others decide on',
      seen: `named; first ${FIRST_REQUESTS} answers: ${[...new Set(first)].join(', ')}, then ${afterwards}; the others: ${JSON.stringify(others)}`,
    })
    expect(nodes.filter(({ state }) => state !== 'applied')).toMatchObject([
      { id: self?.id, state: 'pending' },
    ])
    for (const status of first) expect([401, 503]).toContain(status)
    expect(afterwards).toBe(401)
    expect(Object.keys(others)).toEqual(['200'])
  },
  60_000 + PAUSE_MS,
)

interface WaitedNode {
  readonly id: string
  readonly state: string
}

async function nodesAt({ managementUrl }: RunningKeyfence) {
  const headers = { authorization: `Bearer ${MANAGEMENT_KEY}` }
  const { body } = await send(`${managementUrl}/v1/nodes`, { headers })
  const { items } = JSON.parse(body) as { items: { id: string; isSelf: boolean }[] } // as the API says
  return items
}
