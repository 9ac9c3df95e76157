import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FeedPosition } from '../fence/follow.ts'
import type { NodeReport } from '../fleet/fleet-node.ts'
import type { Revision } from '../fence/change-feed.ts'
import { type Answer, type RunningApi, startApi } from './running-api.ts'

let api: RunningApi
let key: string

beforeEach(async () => {
  api = await startApi()
  key = await api.key(['read', 'write', 'feed'])
})
afterEach(() => api.stop())

const position = (more: Partial<FeedPosition> = {}): FeedPosition => ({
  epoch: api.follower.position?.epoch ?? '',
  revision: 1_000_000 as Revision,
  ...more,
})

const report = (more: Partial<NodeReport>) =>
  api.context.store.nodes.report([
    {
      id: 'node_9',
      kind: 'server',
      name: 'edge-9',
      version: '1',
      startedAt: 0,
      position: undefined,
      copyAgeMs: 5,
      isDraining: false,
      leaseMs: 90_000,
      ...more,
    },
  ])

async function revokeAndWait(query = 'wait=all&waitSeconds=0', asked = key) {
  const { id } = await api.token()
  return api.ask('POST', `/v1/tokens/${id}/revoke?${query}`, { key: asked })
}

const BOTH_OFF = {
  domains: { enabled: false, entries: [] },
  ips: { enabled: false, entries: [] },
}

async function ofToken(method: string, rest: string, body?: object): Promise<Answer> {
  const { id } = await api.token()
  const headers = { 'If-Match': '*' }
  return api.ask(method, `/v1/tokens/${id}${rest}`, { key, body, headers })
}

describe('waiting for all nodes', () => {
  test('a node alone is all of them', async () => {
    const answer = await revokeAndWait('wait=all')
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'revoked', nodes: [{ id: 'node_0', name: 'here', state: 'applied' }] },
    })
  })

  test('who does not ask for it is not told of nodes', async () => {
    await report({})
    const answer = await revokeAndWait('')
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('nodes')
  })

  test.each<{ of: string; at: () => FeedPosition | undefined; state: string; status: number }>([
    { of: 'has applied it', at: () => position(), state: 'applied', status: 200 },
    {
      of: 'is behind',
      at: () => position({ revision: 0 as Revision }),
      state: 'pending',
      status: 202,
    },
    { of: 'has no copy yet', at: () => undefined, state: 'pending', status: 202 },
    {
      of: 'has another feed',
      at: () => position({ epoch: 'other' }),
      state: 'pending',
      status: 202,
    },
  ])('$status names the node that $of', async ({ at, state, status }) => {
    await api.token()
    await report({ position: at() })
    const answer = await revokeAndWait()
    expect(answer.status).toBe(status)
    expect(answer.body['nodes']).toContainEqual({
      id: 'node_9',
      kind: 'server',
      name: 'edge-9',
      state,
    })
  })

  describe.each<{ change: string; ask: (query: string) => Promise<Answer>; done: number }>([
    {
      change: 'a new token',
      ask: (query) =>
        api.ask('POST', `/v1/tokens${query}`, { key, body: { name: 'x', owner: 'alice' } }),
      done: 201,
    },
    {
      change: 'a changed one',
      ask: (query) => ofToken('PATCH', query, { name: 'other' }),
      done: 200,
    },
    {
      change: 'its lists',
      ask: (query) => ofToken('PUT', `/restrictions${query}`, BOTH_OFF),
      done: 200,
    },
    { change: 'its new secret', ask: (query) => ofToken('POST', `/rotate${query}`), done: 200 },
    { change: 'its end', ask: (query) => ofToken('DELETE', query), done: 204 },
  ])('$change', ({ ask, done }) => {
    test(`is 202 with who has not applied it, and ${done} once everybody has`, async () => {
      await api.token()
      await report({ position: position({ revision: 0 as Revision }) })
      const pending = await ask('?wait=all&waitSeconds=0')
      expect(pending.status).toBe(202)
      expect(pending.body['nodes']).toContainEqual(
        expect.objectContaining({ id: 'node_9', state: 'pending' }),
      )
      await report({ position: position() })
      expect((await ask('?wait=all')).status).toBe(done)
    })
  })

  test('a new secret waits unless it is told not to, and comes in every answer', async () => {
    await api.token()
    await report({ position: position({ revision: 0 as Revision }) })
    const waited = await ofToken('POST', '/rotate?waitSeconds=0')
    expect(waited).toMatchObject({ status: 202, body: { secret: expect.stringMatching(/^kf_/) } })
    const atOnce = await ofToken('POST', '/rotate?wait=none')
    expect(atOnce).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^kf_/) } })
    expect(atOnce.body).not.toHaveProperty('nodes')
  })

  test('a node that was gone before is not waited for', async () => {
    await report({ leaseMs: 0 })
    const answer = await revokeAndWait('wait=all')
    expect(answer).toMatchObject({ status: 200, body: { nodes: [{ id: 'node_0' }] } })
  })

  test('a node whose lease ends meanwhile is gone, and the change applied everywhere', async () => {
    await report({ leaseMs: 300 })
    const answer = await revokeAndWait('wait=all')
    expect(answer.status).toBe(200)
    expect(answer.body['nodes']).toContainEqual(
      expect.objectContaining({ id: 'node_9', state: 'gone' }),
    )
  })

  test('a node that stops waiting requests ends theirs', async () => {
    await report({})
    api.state.isDraining = true
    expect((await revokeAndWait('wait=all')).status).toBe(202)
  })

  test('a key that is bound to an owner is told no names', async () => {
    await report({})
    const bound = await api.key(['write'], 'alice')
    const { body } = await revokeAndWait('wait=all&waitSeconds=0', bound)
    expect(body['nodes']).toMatchObject([{ name: null }, { name: null }])
  })

  test.each(['wait=some', 'waitSeconds=121', 'waitSeconds=-1', 'wait=all&for=1'])(
    '?%s is 400, and nothing is revoked',
    async (query) => {
      const { id } = await api.token()
      const answer = await api.ask('POST', `/v1/tokens/${id}/revoke?${query}`, { key })
      expect(answer.status).toBe(400)
      const token = await api.ask('GET', `/v1/tokens/${id}`, { key })
      expect(token.body['status']).toBe('active')
    },
  )
})

describe('guards', () => {
  const ask = (query: string, headers: Readonly<Record<string, string>>) =>
    api.ask('GET', `/v1/feed${query}`, { key, headers })
  const GUARD = {
    'Keyfence-Guard-Id': 'guard-of-a-test',
    'Keyfence-Guard-Max-Staleness-Ms': '20000',
  }
  const nodes = async () => (await api.ask('GET', '/v1/nodes', { key })).body['items']

  test('a guard that asks is a node, and has applied what it asks behind', async () => {
    await api.token()
    const page = (await ask('', GUARD)).body
    expect(await nodes()).toMatchObject([
      { id: 'node_0', isSelf: true },
      { kind: 'guard', revision: 0, staleForMs: null, isFresh: false },
    ])
    expect((await revokeAndWait()).status).toBe(202)
    api.time.monotonic += 1000
    await ask(`?epoch=${String(page['epoch'])}&after=${String(page['revision'])}`, GUARD)
    await api.fleet.flush()
    expect(await nodes()).toMatchObject([{}, { revision: page['revision'], isFresh: true }])
    expect((await revokeAndWait()).status).toBe(202)
  })

  test('who names no guard is none', async () => {
    await ask('', {})
    expect(await nodes()).toHaveLength(1)
  })

  test.each([
    { 'Keyfence-Guard-Id': 'short' },
    { 'Keyfence-Guard-Id': 'with blanks in it' },
    { ...GUARD, 'Keyfence-Guard-Max-Staleness-Ms': '0' },
    { ...GUARD, 'Keyfence-Guard-Max-Staleness-Ms': '3600001' },
  ])('%o is 400', async (headers) => {
    expect((await ask('', headers)).status).toBe(400)
  })
})
