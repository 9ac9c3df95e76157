/** Fault F4 of docs/reliability.md: the database fails over to a standby, and the old server comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RunningPostgres,
  type RunningStandby,
  startPostgres,
} from '../../src/store/postgres/running-postgres.ts'
import { manage, type RunningKeyfence } from '../running-keyfence.ts'
import { countedAnswers, startProber } from './prober.ts'
import { IS_FULL_LENGTH, recordFault } from './recorded-fault.ts'
import { changed, startThreeNodes, statusAt, type ThreeNodes, until } from './three-nodes.ts'

const REVOCATIONS_BEFORE = IS_FULL_LENGTH ? 2000 : 40

let primary: RunningPostgres
let standby: RunningStandby
let three: ThreeNodes

beforeAll(async () => {
  primary = await startPostgres()
  three = await startThreeNodes(primary)
  standby = await primary.startStandby()
})
afterAll(async () => {
  await three.close()
  await standby.close()
  await primary.close()
})

test('a standby that is promoted under load has every acknowledged revocation, and the old server has no say', async () => {
  const { secret } = await three.issue()
  const revokedLater = await three.issue()
  const prober = startProber(three.nodes, { token: secret, everyMs: 50 })
  const load = startRevoking(three.nodes)
  await until(() => load.revoked.length >= REVOCATIONS_BEFORE)
  await primary.kill()
  const lostAtMs = performance.now()
  const acknowledged = load.revoked.length
  await standby.promote()
  for (const relay of three.relays) relay.switchTo(standby.port)
  await until(() => load.revoked.length >= acknowledged + REVOCATIONS_BEFORE / 2)
  const { body } = await manage(three.nodes[0], 'POST /v1/tokens', { name: 'n', owner: 'acme' })
  const newMs = performance.now() - lostAtMs
  await load.stop()
  await changed(three.nodes[0], `POST /v1/tokens/${revokedLater.id}/revoke`)
  const alive: string[] = []
  for (const node of three.nodes) {
    await until(async () => (await statusAt(node, body.secret)) === 200)
    for (const revoked of load.revoked) {
      if ((await statusAt(node, revoked)) !== 401) alive.push(revoked)
    }
  }
  expect(alive).toEqual([])
  const probes = await prober.stop()
  recordFault({
    fault: 'F4',
    done: `primary killed and standby promoted while three nodes revoke, ${load.revoked.length} revocations acknowledged`,
    promised: 'no acknowledged revocation lost; nothing but 503 while all is read again',
    seen: `${alive.length} lost; decisions meanwhile: ${JSON.stringify(countedAnswers(probes))}; ${load.refused()} changes refused, and managed again after ${(newMs / 1000).toFixed(1)} s`,
  })
  // 503 while a node reads everything again: what it knew of the old server does not count.
  for (const answer of Object.keys(countedAnswers(probes))) expect(['200', '503']).toContain(answer)

  await primary.restart()
  // As where nobody has it wait for a standby that it does not have: it takes writes.
  await primary.run(three.url, `alter system set synchronous_standby_names = ''`)
  await primary.run(three.url, 'select pg_reload_conf()')
  const misled = three.nodes[2]
  misled.relay.switchTo(primary.port)
  const later = startProber([misled], { token: revokedLater.secret, everyMs: 50 })
  const refused = await manage(misled, 'POST /v1/tokens', { name: 'x', owner: 'acme' })
  await until(() => later.probes.length >= 60)
  const answers = countedAnswers(await later.stop())
  misled.relay.switchTo(standby.port)
  await until(async () => (await manage(misled, 'GET /readyz')).status === 200)
  recordFault({
    fault: 'F4',
    done: 'the old primary back, and one node led to it, for three polls',
    promised:
      'what it has is refused: nothing revoked since comes back, and no change is acknowledged',
    seen: `a token revoked since: ${JSON.stringify(answers)}; a change: ${refused.status}`,
  })
  expect([Object.keys(answers), refused.status]).toEqual([['401'], 503])
  const last = await changed(three.nodes[0], 'POST /v1/tokens', { name: 'x', owner: 'acme' })
  await until(async () => (await statusAt(misled, last.body.secret)) === 200)
  expect(await statusAt(misled, revokedLater.secret)).toBe(401)
}, 300_000)

interface Revoking {
  /** Secrets of which a node has said that they are revoked. */
  readonly revoked: readonly string[]
  /** How many changes were not acknowledged. */
  refused(): number
  stop(): Promise<void>
}

/** Creates and revokes tokens at each node, without a pause, and again what was not acknowledged. */
function startRevoking(nodes: readonly RunningKeyfence[]): Revoking {
  const revoked: string[] = []
  let refused = 0
  const stopping = new AbortController()
  const revokeAt = async (node: RunningKeyfence): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { status, body } = await manage(node, 'POST /v1/tokens', { name: 'x', owner: 'load' })
      if (status !== 201) refused += 1
      else if (await isRevoked(node, body.id)) revoked.push(body.secret)
    }
  }
  const isRevoked = async (node: RunningKeyfence, id: string): Promise<boolean> => {
    while (!stopping.signal.aborted) {
      const { status } = await manage(node, `POST /v1/tokens/${id}/revoke`)
      if (status === 200) return true
      refused += 1
    }
    return false
  }
  const running = Promise.all(nodes.map(revokeAt))
  return {
    revoked,
    refused: () => refused,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
