import { parseIpAddressOrRange } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed } from '../../activity/observed.ts'
import { hashToken } from '../../token/token.ts'
import { type RunningApi, startApi } from '../running-api.ts'

const LOOPBACK = parseIpAddressOrRange('127.0.0.1')
const SECRET = 'kf_abcdefghijabcdefghijabcdefghijabcdefghij'

let api: RunningApi
let key: string

beforeAll(async () => {
  const trustedProxies = LOOPBACK.ok ? [LOOPBACK.value] : []
  // `as`: any text will do for a hash.
  const environmentKeyHash = hashToken('kfm_of-the-environment' as never)
  api = await startApi({ maxDomains: 3, trustedProxies, environmentKeyHash })
  key = await api.key(['read'])
})
afterAll(() => api.stop())

describe('the settings', () => {
  test('are told as they run, and none is a secret', async () => {
    const { body, text } = await api.ask('GET', '/v1/settings', { key })
    expect(body).toMatchObject({
      maxDomains: 3,
      maxIps: 5,
      trustedProxies: ['127.0.0.1/32'],
      tokenFields: [
        { name: 'authorization', scheme: 'bearer' },
        { name: 'x-api-key', scheme: null },
      ],
      checkProfile: null,
      activityDays: 30,
      sessionIdleMinutes: 60,
    })
    expect(text).not.toMatch(/[0-9a-f]{64}|hash|secret/i)
  })

  test('of entries are told to keys of an owner, too', async () => {
    const bobs = await api.key(['read'], 'bob')
    expect((await api.ask('GET', '/v1/entries/settings', { key: bobs })).body).toEqual({
      maxDomains: 3,
      maxIps: 5,
      allowIpRanges: false,
      allowPrivateAddresses: false,
    })
    expect((await api.ask('GET', '/v1/settings', { key: bobs })).status).toBe(403)
  })
})

describe('the address of a client', () => {
  const addresses = async (forwardedFor?: string) => {
    const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }
    return api.ask('GET', '/v1/client-address', { key, headers })
  }

  test('of the very request is walked hop by hop', async () => {
    const { body } = await addresses('9.9.9.9, 8.8.8.8')
    expect(body['thisRequest']).toMatchObject({
      forwardedFor: ['9.9.9.9, 8.8.8.8'],
      hops: [
        { text: '127.0.0.1', address: '127.0.0.1', isTrusted: true },
        { text: '8.8.8.8', address: '8.8.8.8', isTrusted: false },
      ],
      address: '8.8.8.8',
    })
    expect((await addresses()).body['thisRequest']).toMatchObject({ address: '127.0.0.1' })
  })

  test('is inert and bounded, and holds no token that came there by mistake', async () => {
    const { text } = await addresses(`${SECRET}, ${'x'.repeat(5000)}, <b>`)
    expect(text).not.toContain(SECRET)
    expect(text.length).toBeLessThan(5000)
  })

  test('of the last judged request is told from its peer and X-Forwarded-For alone', async () => {
    expect((await addresses()).body['lastJudged']).toBeNull()
    api.clients.note(observed({ origin: 'https://page.example.com', peer: '7.7.7.7' }), 1)
    const { body, text } = await addresses()
    expect(body['lastJudged']).toEqual({
      at: '1970-01-01T00:00:00.001Z',
      forwardedFor: [],
      hops: [{ text: '7.7.7.7', address: '7.7.7.7', isTrusted: false }],
      address: '7.7.7.7',
    })
    expect(text).not.toContain('page.example.com')
  })
})
