import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed, type TestRequest } from '../../activity/observed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

const OFF = { enabled: false, entries: [] }

let api: RunningApi
let key: string
let tokenId: TokenId

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read'])
  tokenId = (await api.token()).id as TokenId // it answers ids
  call({ origin: 'https://shop.com' }, 7)
  call({ origin: 'https://evil.com' }, 2)
  call({ peer: '8.8.4.4' }, 1)
})
afterAll(() => api.stop())

function call(request: TestRequest, times: number): void {
  for (let time = 0; time < times; time++) {
    api.activity.observe(observed({ tokenId, ...request }, api.time.wall))
  }
}

function preview(domains: readonly unknown[], of: string = tokenId): Promise<Answer> {
  const target = `/v1/tokens/${of}/restrictions/preview`
  return api.ask('POST', target, {
    key,
    body: { domains: { enabled: true, entries: domains }, ips: OFF },
  })
}

describe('a preview', () => {
  test('refuses entries as PUT does, with their places', async () => {
    const bad = ['co.uk', 'shop.com', 7]
    const answer = await preview(bad)
    const put = await api.ask('PUT', `/v1/tokens/${tokenId}/restrictions`, {
      key: await api.key(['write']),
      body: { domains: { enabled: true, entries: bad }, ips: OFF },
    })
    expect([answer.status, answer.text]).toEqual([422, put.text])
  })

  test('tells what would have become of each value, and how many calls that were', async () => {
    const { status, body } = await preview(['shop.com'])
    const since = new Date(api.time.wall).toISOString()
    expect(status).toBe(200)
    const browser = { kind: 'domain', source: 'browser', firstAt: since, lastAt: since }
    expect(body).toEqual({
      sentence: `Would have refused 3 of 10 calls since ${since}. 3 of them were let through.`,
      since,
      calls: 10,
      refused: 3,
      newlyRefused: 3,
      newlyAllowed: 0,
      unknown: 0,
      values: [
        {
          ...browser,
          value: 'shop.com',
          was: { allowed: 7, refused: 0 },
          wouldBe: { effect: 'allow', reason: 'domain_listed' },
        },
        {
          ...browser,
          value: 'evil.com',
          was: { allowed: 2, refused: 0 },
          wouldBe: { effect: 'deny', reason: 'domain_not_listed' },
        },
        {
          ...browser,
          kind: 'address',
          source: 'server',
          value: '8.8.4.4',
          was: { allowed: 1, refused: 0 },
          wouldBe: { effect: 'deny', reason: 'server_not_allowed' },
        },
      ],
      restrictions: {
        domains: {
          enabled: true,
          entries: [{ value: 'shop.com', label: '', subdomains: false }],
        },
        ips: OFF,
      },
      warnings: [],
    })
  })

  test('changes nothing', async () => {
    const read = () => api.ask('GET', `/v1/tokens/${tokenId}`, { key })
    const before = await read()
    await preview(['shop.com'])
    const after = await read()
    expect([after.text, after.headers['etag']]).toEqual([before.text, before.headers['etag']])
  })

  test('warns as PUT does', async () => {
    expect((await preview(['localhost'])).body['warnings']).toMatchObject([
      { path: '/domains/entries/0', code: 'domain_localhost' },
    ])
  })

  test('of a token that nobody used says so', async () => {
    const { body } = await preview(['shop.com'], (await api.token()).id)
    expect(body).toMatchObject({ since: null, calls: 0, values: [] })
    expect(body['sentence']).toBe('No call was seen yet that could be judged.')
  })
})
