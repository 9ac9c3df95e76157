import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observed, type TestRequest } from '../../activity/observed.ts'
import { restrictedTo } from '../../token/restrictions-fixture.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

const SHOP = restrictedTo({ domains: ['shop.com'] })
const HOUR_MS = 3_600_000

let api: RunningApi
let key: string
let tokenId: TokenId
let start: number

beforeEach(async () => {
  api = await startApi()
  key = await api.key(['read'])
  tokenId = (await api.token()).id as TokenId // it answers ids
  start = api.time.wall
})
afterEach(() => api.stop())

function call(request: TestRequest = {}, times = 1): void {
  for (let time = 0; time < times; time++) {
    api.activity.observe(observed({ tokenId, ...request }, api.time.wall))
  }
}

function ask(query = '', as = key): Promise<Answer> {
  return api.ask('GET', `/v1/tokens/${tokenId}/activity${query}`, { key: as })
}

describe('the activity of a token', () => {
  test.each<{ query: string; parameter: string; because: string }>([
    { query: '?since=yesterday', parameter: 'since', because: 'no time' },
    { query: '?since=2026-11-25T00:00:00Z', parameter: 'until', because: 'it ends now' },
    {
      query: '?since=2026-11-23T00:00:00Z&until=2026-11-23T00:00:00Z',
      parameter: 'until',
      because: 'no time at all',
    },
    { query: '?cursor=cmVx', parameter: 'cursor', because: 'no position' },
  ])('$query is 400: $because', async ({ query, parameter }) => {
    const { status, body } = await ask(query)
    expect([status, body['parameter']]).toEqual([400, parameter])
  })

  test('of a token that nobody used is empty', async () => {
    const { status, body } = await ask()
    expect(status).toBe(200)
    expect(body).toEqual({
      since: new Date(start - 24.5 * HOUR_MS).toISOString(),
      until: new Date(start + 60_000).toISOString(),
      counts: [],
      spanMs: HOUR_MS,
      series: [],
      refusals: [],
      seen: [],
      dropped: { refusals: 0, counts: 0, seen: 0 },
    })
  })

  test('is that of this token alone', async () => {
    call({ tokenId: 'tok_01a20dc4-9a60-7696-a970-000000000002' as TokenId, status: 'revoked' })
    call({ token: 'none' })
    expect((await ask()).body).toMatchObject({ counts: [], refusals: [], seen: [] })
  })

  test('tells of every call right after it: outcomes, refusals, and where they came from', async () => {
    const page = { restrictions: SHOP, origin: 'https://evil.com' }
    call({ ...page, requestId: 'req_1' })
    call({ ...page, mode: 'report' }, 2)
    call({ restrictions: SHOP, origin: 'https://shop.com' }, 3)
    const { body } = await ask()
    const browser = { source: 'browser', effect: 'allow' }
    expect(body['counts']).toEqual([
      { ...browser, enforced: true, reason: 'domain_listed', count: 3 },
      { ...browser, enforced: false, reason: 'domain_not_listed', count: 2 },
      { ...browser, effect: 'deny', enforced: true, reason: 'domain_not_listed', count: 1 },
    ])
    expect(body['refusals']).toMatchObject([
      { enforced: false },
      { enforced: false },
      { enforced: true, requestId: 'req_1', domain: 'evil.com' },
    ])
    const at = new Date(start).toISOString()
    const seen = { kind: 'domain', source: 'browser', count: 3, firstAt: at, lastAt: at }
    expect(body['seen']).toEqual([
      { ...seen, value: 'evil.com', allowed: 2 },
      { ...seen, value: 'shop.com', allowed: 3 },
    ])
  })

  test('hides from the key of an owner how much others use theirs', async () => {
    const bound = await api.key(['read'], 'alice')
    expect((await ask('', bound)).body['dropped']).toBeNull()
  })

  test.each<{ hours: number; spanMs: number }>([
    { hours: 3, spanMs: 60_000 },
    { hours: 4, spanMs: HOUR_MS },
    { hours: 24 * 8, spanMs: HOUR_MS },
    { hours: 24 * 9, spanMs: 24 * HOUR_MS },
    { hours: 24 * 3650, spanMs: 24 * HOUR_MS },
  ])('$hours hours are shown in spans of $spanMs ms', async ({ hours, spanMs }) => {
    call()
    const { body } = await ask(`?since=${new Date(start - hours * HOUR_MS + 60_000).toISOString()}`)
    expect(body['spanMs']).toBe(spanMs)
    const startsAt = new Date(start - (start % spanMs)).toISOString()
    expect(body['series']).toMatchObject([{ startsAt, count: 1 }])
  })

  test('holds the calls of the time that was asked for', async () => {
    for (const hour of [0, 1, 2]) {
      api.time.wall = start + hour * HOUR_MS
      call({}, 10 ** hour)
    }
    const from = new Date(start + HOUR_MS).toISOString()
    const to = new Date(start + 2 * HOUR_MS).toISOString()
    const { body } = await ask(`?since=${from}&until=${to}`)
    expect(body).toMatchObject({ counts: [{ count: 10 }], series: [{ startsAt: from, count: 10 }] })
  })

  test('gives refusals page by page, newest first', async () => {
    for (const name of ['req_1', 'req_2', 'req_3']) call({ status: 'revoked', requestId: name })
    const first = await ask('?limit=2')
    const second = await ask(`?limit=2&cursor=${first.body.nextCursor}`)
    expect(first.body['refusals']).toMatchObject([{ requestId: 'req_3' }, { requestId: 'req_2' }])
    expect(second.body['refusals']).toMatchObject([{ requestId: 'req_1' }])
    expect('nextCursor' in second.body).toBe(false)
  })
})

describe('lastUsedAt', () => {
  const lastUsedAt = async () =>
    (await api.ask('GET', `/v1/tokens/${tokenId}`, { key })).body['lastUsedAt']

  test('is not moved by refused calls', async () => {
    call({ status: 'disabled' })
    call({ restrictions: SHOP })
    await api.activity.flush()
    expect(await lastUsedAt()).toBeNull()
  })

  test('is the minute of the last call that was let through, and no new version', async () => {
    const before = await api.ask('GET', `/v1/tokens/${tokenId}`, { key })
    api.time.wall += 90_500
    call({ restrictions: SHOP, mode: 'report' })
    await api.activity.flush()
    expect(await lastUsedAt()).toBe(new Date(start + 60_000).toISOString())
    const after = await api.ask('GET', `/v1/tokens/${tokenId}`, { key })
    expect(after.headers['etag']).toBe(before.headers['etag'])
  })
})
