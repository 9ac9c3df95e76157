import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningApi, startApi } from '../running-api.ts'

const GRANT = { owner: 'alice', capabilities: ['restrict'] }

let api: RunningApi

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

test.each<{ body: object; status: number; path: string; because: string }>([
  { body: { owner: 'alice' }, status: 400, path: '/capabilities', because: 'no word on what' },
  { body: { capabilities: [] }, status: 400, path: '/owner', because: 'nobody’s' },
  { body: { ...GRANT, owner: 'a b' }, status: 400, path: '/owner', because: 'no owner’s id' },
  {
    body: { ...GRANT, capabilities: ['admin'] },
    status: 400,
    path: '/capabilities/0',
    because: 'no such word',
  },
  {
    body: { ...GRANT, capabilities: ['restrict', 'restrict'] },
    status: 400,
    path: '/capabilities',
    because: 'twice',
  },
  { body: { ...GRANT, role: 'admin' }, status: 400, path: '/role', because: 'no such member' },
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '/tokens',
    'https:evil.example',
    'https:///evil.example',
    'https://app.example.com@evil.example',
    'https://app.example.com\\@evil.example',
    'https://app.example.com/\tx',
    ' https://app.example.com',
    '',
  ].map((returnUrl) => ({
    body: { ...GRANT, returnUrl },
    status: 400,
    path: '/returnUrl',
    because: `"${returnUrl}" is no way back`,
  })),
])('a link to the portal is not made: $because', async ({ body, status, path }) => {
  const key = await api.key(['read', 'write'])
  const answer = await api.ask('POST', '/v1/portal-sessions', { key, body })
  expect([answer.status, answer.body['path']]).toEqual([status, path])
})

test.each([
  { scopes: ['read', 'write'], owner: 'bob', status: 403, because: 'bound to another owner' },
  { scopes: ['write'], owner: undefined, status: 403, because: 'it may not look itself' },
  { scopes: ['read'], owner: undefined, status: 403, because: 'it may not change anything' },
  { scopes: ['read', 'write'], owner: 'alice', status: 201, because: 'bound to that owner' },
])(
  'a link to the portal asked for by a key is $status: $because',
  async ({ scopes, owner, status }) => {
    const key = await api.key(scopes, owner)
    const answer = await api.ask('POST', '/v1/portal-sessions', { key, body: GRANT })
    expect(answer.status).toBe(status)
  },
)
