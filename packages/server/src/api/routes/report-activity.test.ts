import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string
let bound: string
let reader: string
let minute: number
let requests = 0

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['feed'])
  bound = await api.key(['feed'], 'alice')
  reader = await api.key(['read'])
  minute = api.time.wall - (api.time.wall % 60_000)
})
afterAll(() => api.stop())

function report(body: object, asked = key, headers = {}): Promise<Answer> {
  const empty = { minute, refusals: [], counts: [], seen: [] }
  return api.ask('POST', '/v1/activity', { key: asked, headers, body: { ...empty, ...body } })
}

function refusal(changes: object = {}) {
  return {
    requestId: `req_${String(requests++).padStart(22, '0')}`,
    refusedAt: minute + 1,
    tokenId: null as string | null,
    reason: 'domain_not_listed',
    source: 'browser',
    domain: 'evil.example',
    address: null,
    method: 'GET',
    path: '/orders',
    enforced: true,
    ...changes,
  }
}

function allowed(tokenId: string | null, changes: object = {}) {
  return {
    tokenId,
    effect: 'allow',
    reason: 'domain_listed',
    source: 'browser',
    count: 3,
    ...changes,
  }
}

function seen(tokenId: string, changes: object = {}) {
  const times = { firstAt: minute, lastAt: minute + 59_999 }
  return {
    tokenId,
    kind: 'domain',
    value: 'shop.example',
    count: 3,
    allowed: 2,
    ...times,
    ...changes,
  }
}

describe('what a guard reports', () => {
  test('is kept like what a node observed', async () => {
    const { id } = await api.token()
    const refused = refusal({ tokenId: id, path: `/of/kf_${'a'.repeat(40)}?q=1` })
    const counts = [allowed(id), { ...allowed(id), effect: 'deny', reason: 'domain_not_listed' }]
    const answer = await report({ refusals: [refused], counts, seen: [seen(id)] })
    expect([answer.status, answer.body]).toEqual([200, { recorded: 4, refused: 0 }])
    const kept = await api.ask('GET', `/v1/refusals/${refused.requestId}`, { key: reader })
    expect(kept.body).toMatchObject({ tokenId: id, owner: 'alice', domain: 'evil.example' })
    expect(kept.body['path']).toBe(`/of/${'*'.repeat(43)}`)
    const { body } = await api.ask('GET', `/v1/tokens/${id}/activity`, { key: reader })
    expect(JSON.stringify(body)).toContain('shop.example')
    const token = await api.ask('GET', `/v1/tokens/${id}`, { key: reader })
    expect(token.body['lastUsedAt']).toBe(new Date(minute).toISOString())
  })

  test('counts once, however often the same report comes', async () => {
    const { id } = await api.token()
    const counts = [allowed(id, { count: 5 })]
    const headers = { 'Idempotency-Key': 'report-1' }
    const [first, again] = [
      await report({ counts }, key, headers),
      await report({ counts }, key, headers),
    ]
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body])
    const rows = await api.db
      .selectFrom('outcome_counts')
      .selectAll()
      .where('token_id', '=', id)
      .execute()
    expect(rows).toMatchObject([{ count: 5 }])
  })

  test('of a token that is not there is refused, the rest is kept', async () => {
    const { id } = await api.token()
    const gone = 'tok_01a20dc4-9a60-7696-a970-dea53845acf4'
    const { body } = await report({ counts: [allowed(id), allowed(gone)], seen: [seen(gone)] })
    expect(body).toEqual({ recorded: 1, refused: 2 })
  })

  test('by a key of an owner: theirs alone, and nothing without a token', async () => {
    const mine = (await api.token({ owner: 'alice' })).id
    const other = (await api.token({ owner: 'bob' })).id
    const tokenless = refusal({ reason: 'token_unknown', source: null, domain: null })
    const refusals = [tokenless, refusal({ tokenId: other }), refusal({ tokenId: mine })]
    const { body } = await report(
      { refusals, counts: [allowed(other)], seen: [seen(other)] },
      bound,
    )
    expect(body).toEqual({ recorded: 1, refused: 4 })
    const rows = await api.db
      .selectFrom('refusals')
      .selectAll()
      .where('token_id', '=', other)
      .execute()
    expect(rows).toEqual([])
  })
})

const ID = 'tok_01a20dc4-9a60-7696-a970-dea53845acf4'

describe('a report is refused whole', () => {
  test.each<{ body: () => object; because: string }>([
    { body: () => ({ minute: minute + 1 }), because: 'no minute begins there' },
    { body: () => ({ minute: minute + 3_600_000 }), because: 'a minute to come' },
    { body: () => ({ minute: minute - 2 * 86_400_000 }), because: 'older than a day' },
    { body: () => ({ refusals: [refusal({ requestId: 'x' })] }), because: 'no request id' },
    { body: () => ({ refusals: [refusal({ refusedAt: minute - 1 })] }), because: 'another minute' },
    {
      body: () => ({ refusals: [refusal({ owner: 'bob' })] }),
      because: 'the owner is not its word',
    },
    { body: () => ({ refusals: [refusal({ reason: 'domain_listed' })] }), because: 'no refusal' },
    { body: () => ({ refusals: [refusal({ domain: '<b>' })] }), because: 'no domain' },
    {
      body: () => ({ refusals: [refusal({ address: '::ffff:8.8.8.8' })] }),
      because: 'not canonical',
    },
    { body: () => ({ refusals: [refusal({ path: '/'.repeat(1025) })] }), because: 'a long path' },
    { body: () => ({ refusals: Array(501).fill(refusal()) }), because: 'too many refusals' },
    { body: () => ({ counts: Array(2001).fill(allowed(ID)) }), because: 'too many counts' },
    { body: () => ({ counts: [allowed(ID, { count: 0 })] }), because: 'no call' },
    { body: () => ({ counts: [allowed(ID, { count: 1e10 })] }), because: 'more than there can be' },
    { body: () => ({ counts: [allowed('x')] }), because: 'no token id' },
    {
      body: () => ({ counts: [allowed(ID, { reason: 'token_revoked' })] }),
      because: 'never allowed',
    },
    { body: () => ({ counts: [allowed(ID, { effect: 'deny' })] }), because: 'never denied' },
    { body: () => ({ seen: [seen(ID, { allowed: 4 })] }), because: 'more allowed than seen' },
    { body: () => ({ seen: [seen(ID, { kind: 'address' })] }), because: 'a domain is no address' },
    { body: () => ({ seen: [seen(ID, { kind: 'other' })] }), because: 'others have no value' },
    { body: () => ({ seen: [seen(ID, { lastAt: minute - 1 })] }), because: 'last before first' },
  ])('$because', async ({ body }) => {
    const answer = await report(body())
    expect([answer.status, answer.headers['content-type']]).toEqual([
      400,
      'application/problem+json',
    ])
  })
})
