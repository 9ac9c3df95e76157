import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed } from '../../activity/observed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read'])
})
afterAll(() => api.stop())

const read = async (target: string) => (await api.ask('GET', target, { key })).body
const ON = {
  domains: { enabled: true, entries: ['example.com'] },
  ips: { enabled: false, entries: [] },
}

describe('the overview', () => {
  test('counts the tokens that need attention, and calls of all by the hour', async () => {
    const { id } = await api.token()
    await api.token({ restrictions: ON, expiresAt: '2026-11-25T00:00:00Z' })
    const tokenId = id as TokenId // the API made it
    api.activity.observe(observed({ tokenId }))
    for (let calls = 0; calls < 20; calls++) api.activity.observe(observed({ token: 'unknown' }))
    const overview = await read('/v1/overview')
    const none = { count: 0, isMore: false }
    expect(overview).toMatchObject({
      attention: {
        unrestricted: { count: 1, isMore: false },
        expiring: { count: 1, isMore: false },
        unused: none,
        refused: none,
      },
      since: '2026-11-23T10:00:00.000Z',
      until: '2026-11-24T10:00:00.000Z',
      spanMs: 3_600_000,
    })
    const startsAt = '2026-11-24T09:00:00.000Z'
    expect(overview['series']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ startsAt, effect: 'allow', reason: 'unrestricted', count: 1 }),
        expect.objectContaining({ startsAt, effect: 'deny', reason: 'token_unknown', count: 20 }),
      ]),
    )
    expect((await read('/v1/overview?days=7'))['since']).toBe('2026-11-17T10:00:00.000Z')
  })

  test.each(['days=0', 'days=30', 'days=x', 'day=1'])('by %s is 400', async (query) => {
    expect((await api.ask('GET', `/v1/overview?${query}`, { key })).status).toBe(400)
  })
})

test('the node says how far it is, and since when it runs', async () => {
  expect(await read('/v1/nodes')).toMatchObject({
    items: [
      { version: '0.0.0', startedAt: '2026-11-24T09:30:00.000Z', isFresh: true, isDraining: false },
    ],
  })
})
