import type { TokenText } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashToken } from '../../token/token.ts'
import { type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
})
afterAll(() => api.stop())

const hashOf = (text: string) => hashToken(text as TokenText) // a key of any shape
const draft = (text: string, more: object = {}) => ({
  hash: hashOf(text),
  name: text,
  owner: 'alice',
  ...more,
})
const importAll = (tokens: readonly object[], asked = key) =>
  api.ask('POST', '/v1/tokens/import', { key: asked, body: { tokens } })

describe('importing', () => {
  test.each<{ tokens: readonly object[]; status: number; path: string; because: string }>([
    { tokens: [], status: 400, path: '/tokens', because: 'nothing to import' },
    {
      tokens: [draft('a', { hash: 'x' })],
      status: 400,
      path: '/tokens/0/hash',
      because: 'no hash',
    },
    {
      tokens: [draft('a', { hash: 'ab'.repeat(31) })],
      status: 400,
      path: '/tokens/0/hash',
      because: 'too short',
    },
    {
      tokens: [draft('a', { secret: 'sk_live_1' })],
      status: 400,
      path: '/tokens/0/secret',
      because: 'keys stay where they are',
    },
    {
      tokens: [draft('a', { hint: 'x'.repeat(25) })],
      status: 400,
      path: '/tokens/0/hint',
      because: 'a hint is no key',
    },
    {
      tokens: [draft('a'), { ...draft('b'), owner: undefined }],
      status: 400,
      path: '/tokens/1/owner',
      because: 'no owner',
    },
    {
      tokens: [draft('a'), draft('b'), draft('a')],
      status: 409,
      path: '/tokens/2/hash',
      because: 'twice in one request',
    },
  ])('is $status at $path, and imports none: $because', async ({ tokens, status, path }) => {
    const answer = await importAll(tokens)
    expect(answer.body).toMatchObject({ status, path })
    const list = await api.ask('GET', '/v1/tokens', { key })
    expect(list.body['items']).toEqual([])
    expect(api.lookUp('a')).toEqual({ state: 'unknown' })
  })

  test('more than a thousand is 400', async () => {
    const tokens = Array.from({ length: 1001 }, (_, at) => draft(`k${at}`))
    expect((await importAll(tokens)).status).toBe(400)
  })

  test('bad entries are told with the token they are of', async () => {
    const restrictions = {
      domains: { enabled: true, entries: ['example.com', 'co.uk'] },
      ips: { enabled: false, entries: [] },
    }
    const answer = await importAll([draft('a'), draft('b', { restrictions })])
    expect(answer.body).toMatchObject({
      status: 422,
      problems: [
        { path: '/tokens/1/restrictions/domains/entries/1', code: 'domain_public_suffix' },
      ],
    })
  })

  test('by a key that is bound to another owner is 403, and imports none', async () => {
    const bobs = await api.key(['write'], 'bob')
    const answer = await importAll([{ ...draft('c'), owner: 'bob' }, draft('d')], bobs)
    expect([answer.status, answer.body['path']]).toEqual([403, '/tokens/1/owner'])
    expect(api.lookUp('c')).toEqual({ state: 'unknown' })
  })

  test('takes keys of any shape, and they work when it is answered', async () => {
    const answer = await importAll([
      draft('legacy-1', { hint: 'leg…1' }),
      draft('legacy-2', { hash: hashOf('legacy-2').toUpperCase() }),
    ])
    expect(answer.status).toBe(201)
    expect(answer.body['tokens']).toMatchObject([
      { name: 'legacy-1', hint: 'leg…1', status: 'active' },
      { name: 'legacy-2', hint: '' },
    ])
    expect(answer.text).not.toContain(hashOf('legacy-1'))
    expect(api.lookUp('legacy-1')).toMatchObject({ state: 'known' })
    expect(api.lookUp('legacy-2')).toMatchObject({ state: 'known' })
    expect((await importAll([draft('legacy-3'), draft('legacy-1')])).status).toBe(409)
    expect(api.lookUp('legacy-3')).toEqual({ state: 'unknown' })
  })

  test('a thousand at once, larger than other bodies may be; once more with the key is a replay', async () => {
    const tokens = Array.from({ length: 1000 }, (_, at) => draft(`bulk-${at}`, { owner: 'bulk' }))
    const question = { key, body: { tokens }, headers: { 'Idempotency-Key': 'bulk' } }
    const first = await api.ask('POST', '/v1/tokens/import', question)
    expect(first.status).toBe(201)
    expect(first.body['tokens']).toHaveLength(1000)
    expect(api.lookUp('bulk-999')).toMatchObject({ state: 'known' })
    const again = await api.ask('POST', '/v1/tokens/import', question)
    expect(again.body).toEqual({ ...first.body, secretAlreadyShown: true })
  })
})
