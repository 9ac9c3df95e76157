import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGuard, type Guard, type GuardAlarm } from '../../guard/src/index.ts'
import { type RunningApi, startApi } from '../src/api/running-api.ts'

let api: RunningApi
let guard: Guard
let alarms: GuardAlarm[]

beforeEach(async () => {
  api = await startApi()
  alarms = []
})
afterEach(async () => {
  // A request that waits is let go by the next poll of the node.
  api.state.isDraining = true
  const closed = guard.close()
  await api.follower.catchUp()
  await closed
  await api.stop()
})

/** A guard with the time of the node, which asks again at once. */
async function start(owner?: string): Promise<void> {
  const { port } = api.place
  guard = await createGuard(
    {
      url: `http://127.0.0.1:${port}`,
      key: await api.key(['feed'], owner),
      onAlarm: (alarm) => alarms.push(alarm),
    },
    {
      now: () => api.time.wall,
      monotonicMs: () => api.time.monotonic,
      fetch: (url, request) => fetch(url, request),
      random: () => 0,
      randomBytes: (size) => randomBytes(size),
      // The reporter's pause ends with the guard; the follower's is none.
      wait: (ms, signal) =>
        new Promise((resolve) => {
          if (ms === 0 || signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve())
        }),
    },
  )
}

function reasonOf(secret: string): string {
  const fields = ['Authorization', `Bearer ${secret}`]
  const decision = guard.decide({ method: 'GET', target: '/orders', fields, peer: '8.8.8.8' })
  if (decision.effect === 'preflight') throw new Error('no preflight was sent')
  return decision.reason
}

/** Resolves once the guard says so; each turn lets the node poll and the guard read. */
async function expectReason(secret: string, reason: string): Promise<void> {
  while (reasonOf(secret) !== reason) {
    await api.follower.catchUp()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a revocation reaches the guard while its request waits, without a pause', async () => {
  const { id, secret } = await api.token()
  await start()
  expect(reasonOf(secret)).toBe('unrestricted')
  await api.operator(`/v1/tokens/${id}/revoke`, {})
  await expectReason(secret, 'token_revoked')
  const other = await api.token()
  await expectReason(other.secret, 'unrestricted')
  expect(alarms).toEqual([])
})

test('a guard with a key of an owner knows theirs alone, and loses them when they are deleted', async () => {
  const mine = await api.token({ owner: 'alice' })
  const other = await api.token({ owner: 'bob' })
  await start('alice')
  expect([reasonOf(mine.secret), reasonOf(other.secret)]).toEqual(['unrestricted', 'token_unknown'])
  const key = await api.key(['write'])
  await api.ask('DELETE', `/v1/tokens/${mine.id}`, { key })
  await expectReason(mine.secret, 'token_unknown')
})

test('what a guard reports, Keyfence takes: refusals with their reason, counts and last use', async () => {
  const ips = { enabled: true, entries: ['9.9.9.9'] }
  const off = { enabled: false, entries: [] }
  const open = await api.token()
  const closed = await api.token({ restrictions: { domains: off, ips } })
  await start()
  reasonOf(open.secret)
  reasonOf('nobody-knows-this')
  const fields = ['Authorization', `Bearer ${closed.secret}`]
  const refused = guard.decide({ method: 'GET', target: '/of?q=1', fields, peer: '8.8.8.8' })
  const closing = guard.close()
  await api.follower.catchUp()
  await closing
  const key = await api.key(['read'])
  const requestId = refused.effect === 'refuse' ? refused.requestId : ''
  const { body } = await api.ask('GET', `/v1/refusals/${requestId}`, { key })
  expect(body).toMatchObject({ reason: 'ip_not_listed', address: '8.8.8.8', path: '/of' })
  const token = await api.ask('GET', `/v1/tokens/${open.id}`, { key })
  expect(token.body['lastUsedAt']).not.toBeNull()
  expect(alarms).toEqual([])
})

test('a revocation that waits for all nodes waits for the guard, which then obeys', async () => {
  const { id, secret } = await api.token()
  await start()
  const key = await api.key(['read', 'write'])
  const nodes = await api.ask('GET', '/v1/nodes', { key })
  expect(nodes.body['items']).toMatchObject([{ kind: 'server' }, { kind: 'guard' }])
  const revoked = await api.ask('POST', `/v1/tokens/${id}/revoke?wait=all`, { key })
  expect(revoked).toMatchObject({
    status: 200,
    body: { nodes: [{ kind: 'guard', state: 'applied' }, { kind: 'server' }] },
  })
  expect(reasonOf(secret)).toBe('token_revoked')
})
