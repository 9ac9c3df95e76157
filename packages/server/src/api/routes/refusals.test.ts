import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed, type TestRequest } from '../../activity/observed.ts'
import { restrictedTo } from '../../token/restrictions-fixture.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

const SHOP = restrictedTo({ domains: ['shop.com'] })
const NOON = '2026-11-24T09:30:00.000Z'
/** A request id of this form that nobody has. */
const UNKNOWN = 'req_AAAAAAAAAAAAAAAAAAAAAA'

let api: RunningApi
let alice: TokenId
let bob: TokenId
let keys: { readonly all: string; readonly alice: string; readonly bob: string }

beforeAll(async () => {
  api = await startApi()
  keys = {
    all: await api.key(['read']),
    alice: await api.key(['read'], 'alice'),
    bob: await api.key(['read'], 'bob'),
  }
  const restrictions = { ...SHOP, domains: { ...SHOP.domains, entries: ['shop.com'] } }
  alice = (await api.token({ owner: 'alice', restrictions })).id as TokenId // it answers ids
  bob = (await api.token({ owner: 'bob' })).id as TokenId
  const page = { restrictions: SHOP, origin: 'https://www.shop.com' }
  refuse('a', { tokenId: alice, owner: 'alice', ...page, path: '/v1/x?secret=1' })
  refuse('b', { tokenId: bob, owner: 'bob', status: 'revoked' })
  refuse('c', { token: 'none', path: '/\u001b[2J' })
  refuse('d', { tokenId: alice, owner: 'alice', restrictions: SHOP, peer: '8.8.4.4' })
})
afterAll(() => api.stop())

function idOf(name: string): string {
  return `req_${name.padStart(22, '0')}`
}

function refuse(name: string, request: TestRequest): void {
  api.activity.observe(observed({ ...request, requestId: idOf(name) }, api.time.wall))
}

function ask(target: string, key = keys.all): Promise<Answer> {
  return api.ask('GET', target, { key })
}

function namesOf({ body }: Answer): string[] {
  const items = body['items'] as { requestId: string }[] // the page's shape
  return items.map(({ requestId }) => requestId.replace(/^req_0*/, ''))
}

describe('GET /v1/refusals/{id}', () => {
  test.each<{ id: string; as: 'all' | 'alice' | 'bob'; because: string }>([
    { id: UNKNOWN, as: 'all', because: 'there is none' },
    { id: idOf('a').toUpperCase(), as: 'all', because: 'ids are exact' },
    { id: idOf('a'), as: 'bob', because: "another owner's does not exist" },
    { id: idOf('c'), as: 'bob', because: 'one without a known token is nobody’s' },
    { id: idOf('c'), as: 'alice', because: 'one without a known token is nobody’s' },
  ])('$id as $as is the 404 of an unknown one: $because', async ({ id, as }) => {
    const answer = await ask(`/v1/refusals/${id}`, keys[as])
    const unknown = await ask(`/v1/refusals/${UNKNOWN}`, keys[as])
    expect([answer.status, answer.text]).toEqual([404, unknown.text])
  })

  test.each<{ as: 'all' | 'alice' }>([{ as: 'all' }, { as: 'alice' }])(
    'as $as: facts and a sentence, right after the refusal',
    async ({ as }) => {
      const { status, body } = await ask(`/v1/refusals/${idOf('a')}`, keys[as])
      expect(status).toBe(200)
      expect(body).toEqual({
        requestId: idOf('a'),
        refusedAt: NOON,
        tokenId: alice,
        owner: 'alice',
        reason: 'domain_not_listed',
        source: 'browser',
        domain: 'www.shop.com',
        address: null,
        method: 'GET',
        path: '/v1/x',
        enforced: true,
        sentence: expect.stringContaining('www.shop.com is not listed, though shop.com is'),
      })
    },
  )

  test('of a request without a token, to whoever sees everything', async () => {
    const { status, body } = await ask(`/v1/refusals/${idOf('c')}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ tokenId: null, owner: null, source: null, path: '/%1B[2J' })
    expect(body['sentence']).toContain('No token was sent.')
  })
})

describe('GET /v1/refusals', () => {
  test.each<{
    query: string
    as: 'all' | 'alice' | 'bob'
    gives: readonly string[]
    because: string
  }>([
    { query: '?owner=alice', as: 'bob', gives: [], because: "another owner's do not exist" },
    { query: '?reason=ip_not_listed', as: 'all', gives: [], because: 'none for that reason' },
    { query: '', as: 'bob', gives: ['b'], because: 'their own alone, none without a token' },
    { query: '?owner=alice', as: 'all', gives: ['d', 'a'], because: 'of one owner' },
    { query: '?reason=token_missing', as: 'all', gives: ['c'], because: 'for one reason' },
    { query: '?limit=1', as: 'alice', gives: ['d'], because: 'the newest' },
    { query: '', as: 'all', gives: ['d', 'c', 'b', 'a'], because: 'all, newest first' },
  ])('$query as $as gives $gives: $because', async ({ query, as, gives }) => {
    const answer = await ask(`/v1/refusals${query}`, keys[as])
    expect(answer.status).toBe(200)
    expect(namesOf(answer)).toEqual(gives)
  })

  test('by token, and a token of others gives nothing', async () => {
    expect(namesOf(await ask(`/v1/refusals?token=${alice}`))).toEqual(['d', 'a'])
    expect(namesOf(await ask(`/v1/refusals?token=${alice}`, keys.bob))).toEqual([])
  })

  test.each<{ query: string; parameter: string; because: string }>([
    { query: 'token=kf_secret', parameter: 'token', because: 'a token is named by its id' },
    { query: 'reason=unrestricted', parameter: 'reason', because: 'no refusal' },
    { query: 'cursor=MA==', parameter: 'cursor', because: 'not as it was given' },
    { query: 'after=eA', parameter: 'after', because: 'no position' },
    { query: 'after=MA&cursor=MA', parameter: 'after', because: 'either older or newer' },
  ])('$query is 400: $because', async ({ query, parameter }) => {
    const { status, body, text } = await ask(`/v1/refusals?${query}`)
    expect([status, body['parameter']]).toEqual([400, parameter])
    expect(text).not.toContain('kf_secret')
  })

  test('an unknown reason is told which there are, and a limit how great it may be', async () => {
    const reason = await ask('/v1/refusals?reason=nonsense')
    expect(reason.body['detail']).toMatch(/^One of server_not_allowed, browser_not_allowed, /)
    expect((await ask('/v1/refusals?limit=201')).body['detail']).toMatch(/200/)
  })

  test('pages lead to the oldest and end', async () => {
    const names: string[] = []
    let target = '/v1/refusals?limit=3'
    for (let page = 0; page < 2; page++) {
      const answer = await ask(target)
      names.push(...namesOf(answer))
      target = `/v1/refusals?limit=3&cursor=${answer.body.nextCursor}`
      expect('nextCursor' in answer.body).toBe(page === 0)
    }
    expect(names).toEqual(['d', 'c', 'b', 'a'])
  })
})

test('following gives what comes later, oldest first, each once', async () => {
  const owned = await startApi()
  const key = await owned.key(['read'])
  const follow = async (after: string) => {
    const answer = await owned.ask('GET', `/v1/refusals?limit=2&after=${after}`, { key })
    return { names: namesOf(answer), next: String(answer.body['tailCursor']) }
  }
  const refuseThere = (name: string) =>
    owned.activity.observe(observed({ token: 'none', requestId: idOf(name) }, owned.time.wall))
  const empty = await owned.ask('GET', '/v1/refusals?limit=1', { key })
  for (const name of ['a', 'b', 'c']) refuseThere(name)
  const first = await follow(String(empty.body['tailCursor']))
  expect(first.names).toEqual(['a', 'b'])
  const second = await follow(first.next)
  expect(second.names).toEqual(['c'])
  const third = await follow(second.next)
  expect(third).toEqual({ names: [], next: second.next })
  refuseThere('d')
  expect((await follow(third.next)).names).toEqual(['d'])
  const newest = await owned.ask('GET', '/v1/refusals?limit=1', { key })
  expect((await follow(String(newest.body['tailCursor']))).names).toEqual([])
  await owned.stop()
})
