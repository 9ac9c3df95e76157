import type { TokenText } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashToken } from '../../token/token.ts'
import { type RunningApi, startApi } from '../running-api.ts'

const ENVIRONMENT_KEY = 'an-environment-key-of-some-length' as TokenText // as the setting parses it

let api: RunningApi
let key: string

beforeAll(async () => {
  api = await startApi({ environmentKeyHash: hashToken(ENVIRONMENT_KEY) })
  key = await api.key(['read', 'write'])
})
afterAll(() => api.stop())

const create = (body: object, asked = key) => api.ask('POST', '/v1/keys', { key: asked, body })

describe('creating a management key', () => {
  test.each<{ body: object; status: number; path: string; because: string }>([
    { body: { scopes: ['read'] }, status: 400, path: '/name', because: 'no name' },
    { body: { name: 'x' }, status: 400, path: '/scopes', because: 'no scope' },
    { body: { name: 'x', scopes: [] }, status: 400, path: '/scopes', because: 'no scope' },
    { body: { name: 'x', scopes: ['admin'] }, status: 400, path: '/scopes/0', because: 'no such' },
    { body: { name: 'x', scopes: 'read' }, status: 400, path: '/scopes', because: 'no list' },
    {
      body: { name: 'x', scopes: ['read'], owner: '' },
      status: 400,
      path: '/owner',
      because: 'an empty owner is not "all"',
    },
    {
      body: { name: 'x', scopes: ['read'], hash: 'x' },
      status: 400,
      path: '/hash',
      because: 'not for the caller to say',
    },
    {
      body: { name: 'x', scopes: ['read', 'feed'] },
      status: 403,
      path: '/scopes/1',
      because: 'nobody grants what they lack',
    },
  ])('$body is $status at $path: $because', async ({ body, status, path }) => {
    expect((await create(body)).body).toMatchObject({ status, path })
  })

  test('shows the secret once, and what is kept is neither it nor shown', async () => {
    const { status, headers, body } = await create({ name: 'Shop', scopes: ['read'], owner: 'bob' })
    const { secret, ...shown } = body
    expect(status).toBe(201)
    expect(secret).toMatch(/^kfm_[0-9A-Za-z]{40}$/)
    expect(headers['location']).toBe(`/v1/keys/${shown.id}`)
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_/),
      name: 'Shop',
      hint: `kfm_…${secret.slice(-4)}`,
      scopes: ['read'],
      owner: 'bob',
      createdAt: '2026-11-24T09:30:00.000Z',
      revokedAt: null,
    })
    expect((await api.ask('GET', `/v1/keys/${shown.id}`, { key })).body).toEqual(shown)
    const list = await api.ask('GET', '/v1/keys?limit=200', { key })
    expect(list.text).not.toContain(secret)
    expect(list.text).not.toMatch(/[0-9a-f]{64}/)
  })
})

describe('a revoked management key', () => {
  test('is refused from the next request on, and revoking once more is no mistake', async () => {
    const { body } = await create({ name: 'x', scopes: ['read', 'write'] })
    const secret = body.secret
    const target = `/v1/keys/${body.id}/revoke`
    expect((await api.ask('GET', '/v1/tokens', { key: secret })).status).toBe(200)
    api.time.wall += 1
    const revoked = await api.ask('POST', target, { key: secret })
    expect(revoked.body['revokedAt']).toBe(new Date(api.time.wall).toISOString())
    expect((await api.ask('GET', '/v1/tokens', { key: secret })).status).toBe(401)
    api.time.wall += 1000
    const again = await api.ask('POST', target, { key })
    expect(again.body).toEqual(revoked.body)
    const audit = await api.ask('GET', `/v1/audit?target=${body.id}`, { key })
    expect(audit.body['items']).toMatchObject([{ action: 'key.revoke' }, { action: 'key.create' }])
  })
})

describe("the environment's key", () => {
  test.each([
    ENVIRONMENT_KEY.slice(1),
    `${ENVIRONMENT_KEY}x`,
    ENVIRONMENT_KEY.toUpperCase(),
    hashToken(ENVIRONMENT_KEY),
  ])('is not %s', async (text) => {
    expect((await api.ask('GET', '/v1/tokens', { key: text })).status).toBe(401)
  })

  test('may do everything, and the audit log names it', async () => {
    const body = { name: 'x', scopes: ['read', 'write', 'feed', 'decide'] }
    const created = await create(body, ENVIRONMENT_KEY)
    expect(created.status).toBe(201)
    const target = `/v1/audit?target=${created.body.id}`
    const audit = await api.ask('GET', target, { key: ENVIRONMENT_KEY })
    expect(audit.body['items']).toMatchObject([{ actor: 'environment', action: 'key.create' }])
  })
})

const audit = async (query: string, asked = key) => {
  const { status, body } = await api.ask('GET', `/v1/audit?${query}`, { key: asked })
  const items = (body['items'] ?? []) as { action: string; owner: string }[] // as documented
  return { status, items, nextCursor: body['nextCursor'] }
}

describe('the audit log', () => {
  test('holds one entry for each change, newest first, in pages', async () => {
    const { id } = await api.token()
    const target = `/v1/tokens/${id}`
    const lists = { domains: { enabled: true, entries: [] }, ips: { enabled: false, entries: [] } }
    const changes = [
      ['PATCH', '', { name: 'new' }],
      ['PUT', '/restrictions', lists],
      ['POST', '/rotate', { overlapMs: 1000 }],
      ['POST', '/disable', {}],
      ['POST', '/enable', {}],
      ['POST', '/revoke', {}],
      ['DELETE', '', undefined],
    ] as const
    for (const [method, suffix, body] of changes) {
      api.time.wall += 1
      const answer = await api.ask(method, target + suffix, { key, body })
      expect(answer.status, `${method} ${suffix}`).toBeLessThan(300)
    }
    const actions: string[] = []
    let query = `target=${id}&limit=3`
    for (let page = 0; page < 3; page++) {
      const { items, nextCursor } = await audit(query)
      actions.push(...items.map(({ action }) => action))
      query = `target=${id}&limit=3&cursor=${nextCursor}`
    }
    expect(actions).toEqual([
      'token.delete',
      'token.revoke',
      'token.enable',
      'token.disable',
      'token.rotate',
      'token.restrict',
      'token.change',
      'token.create',
    ])
  })

  test('shows a key of bob what happened to his tokens, and no keys', async () => {
    const bobs = await api.key(['read', 'write'], 'bob')
    await api.ask('POST', '/v1/tokens', { key: bobs, body: { name: 'x' } })
    const { items } = await audit('limit=200', bobs)
    expect(items.map(({ action, owner }) => `${action} ${owner}`)).toEqual(['token.create bob'])
    expect((await audit('owner=alice', bobs)).items).toEqual([])
    const { id } = await api.token()
    expect((await audit(`target=${id}`, bobs)).items).toEqual([])
  })

  test.each(['nonsense', 'req_AAAAAAAAAAAAAAAAAAAAAA', 'kf_secret'])(
    'of %s is 400: an empty page would say that nothing happened to it',
    async (target) => {
      const answer = await api.ask('GET', `/v1/audit?target=${target}`, { key })
      expect([answer.status, answer.body['parameter']]).toEqual([400, 'target'])
      expect(answer.text).not.toContain(target)
    },
  )

  test('never holds a secret or a hash', async () => {
    const { secret } = await api.token()
    const rows = JSON.stringify(await api.db.selectFrom('audit').selectAll().execute())
    expect(rows).not.toContain(secret)
    expect(rows).not.toMatch(/[0-9a-f]{64}|kfm?_[0-9A-Za-z]{40}/)
  })

  test.each(['cursor=x', 'limit=1000', 'owner=', 'target=x&target=y', 'actor=x'])(
    'by %s is 400',
    async (query) => {
      expect((await audit(query)).status).toBe(400)
    },
  )
})
