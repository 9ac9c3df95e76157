import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type RunningApi, startApi } from '../running-api.ts'

const PAGE = {
  domains: { enabled: true, entries: ['shop.example'] },
  ips: { enabled: false, entries: [] },
}
const ORIGIN = ['Origin', 'https://shop.example']
const UNKNOWN = 'another-shape'

function off() {
  return { enabled: false, entries: [] }
}

let api: RunningApi
let key: string
let bound: string
let token: { readonly id: string; readonly secret: string }

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['decide'])
  bound = await api.key(['decide'], 'bob')
  token = await api.token({ owner: 'alice', metadata: { plan: 'größe' }, restrictions: PAGE })
})
afterAll(() => api.stop())

function decide(question: object, asked = key): Promise<Answer> {
  return api.ask('POST', '/v1/decide', { key: asked, body: question })
}

// What each reason is decided by stands in packages/server/test/doors.test.ts, for every door.
describe('a decision', () => {
  test('has all its members, and an answer that says who calls', async () => {
    const { body } = await decide({ token: token.secret, peer: '192.0.2.1', headers: [ORIGIN] })
    expect(body).toEqual({
      effect: 'allow',
      source: 'browser',
      reason: 'domain_listed',
      domain: 'shop.example',
      address: null,
      tokenId: token.id,
      owner: 'alice',
      enforced: true,
      response: {
        status: 200,
        headers: [
          ['Keyfence-Token-Id', token.id],
          ['Keyfence-Owner', 'alice'],
          ['Keyfence-Source', 'browser'],
          ['Keyfence-Metadata', ''],
          ['Cache-Control', 'no-store'],
        ],
        body: '',
      },
    })
  })

  test('of a token that nobody knows has them too', async () => {
    const answer = await decide({ token: UNKNOWN, peer: '192.0.2.1', headers: [ORIGIN] })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      effect: 'deny',
      source: null,
      reason: 'token_unknown',
      domain: null,
      address: null,
      tokenId: null,
      owner: null,
      enforced: true,
      response: {
        status: 401,
        headers: expect.arrayContaining([
          ['WWW-Authenticate', 'Bearer error="invalid_token"'],
          ['Access-Control-Allow-Origin', 'https://shop.example'],
        ]),
        body: '{"error":"Missing or invalid API token."}',
      },
    })
  })

  test.each<{ question: object; reason: string; because: string }>([
    { question: { token: null }, reason: 'token_missing', because: 'null is none' },
    { question: {}, reason: 'token_missing', because: 'absent is none' },
    { question: { token: '' }, reason: 'token_missing', because: 'empty is none' },
    { question: { token: 'a b' }, reason: 'token_malformed', because: 'a blank in it' },
    { question: { token: 'x'.repeat(60_000) }, reason: 'token_malformed', because: 'over-long' },
    { question: { token: '\u0000' }, reason: 'token_malformed', because: 'a control character' },
  ])('$reason as data: $because', async ({ question, reason }) => {
    const headers = [['Authorization', `Bearer ${token.secret}`], ORIGIN]
    const answer = await decide({ peer: null, headers, ...question })
    expect(answer).toMatchObject({ status: 200, body: { reason, response: { status: 401 } } })
  })

  test.each<{ peer: string | null; because: string }>([
    { peer: null, because: 'unknown' },
    { peer: '', because: 'empty' },
    { peer: 'localhost', because: 'a name' },
    { peer: '9'.repeat(1000), because: 'digits' },
    { peer: '010.0.0.1', because: 'octal' },
  ])('with a peer that is no address ($because) knows none', async ({ peer }) => {
    const ips = { enabled: true, entries: ['8.8.8.8'] }
    const server = await api.token({ owner: 'alice', restrictions: { domains: off(), ips } })
    const { body } = await decide({ token: server.secret, peer, headers: [] })
    expect(body).toMatchObject({ effect: 'deny', reason: 'ip_unreadable', address: null })
  })
})

describe('a key that is bound to an owner', () => {
  test('takes the token of another for one that nobody knows', async () => {
    const asked = { peer: null, headers: [ORIGIN] }
    const foreign = await decide({ ...asked, token: token.secret }, bound)
    const unknown = await decide({ ...asked, token: UNKNOWN }, bound)
    const withoutId = ({ text }: Answer): string => text.replace(/req_[\w-]+/, '')
    expect(foreign.body['reason']).toBe('token_unknown')
    expect(withoutId(foreign)).toBe(withoutId(unknown))
  })

  test('decides by the tokens of its own', async () => {
    const { secret } = await api.token({ owner: 'bob' })
    const { body } = await decide({ token: secret, peer: '192.0.2.1', headers: [] }, bound)
    expect(body).toMatchObject({ effect: 'allow', owner: 'bob', address: '192.0.2.1' })
  })
})

test('a decision is observed under the id that its answer carries', async () => {
  const { body } = await decide({ token: token.secret, peer: null, headers: [] })
  const { headers } = body['response'] as { headers: [string, string][] } // the route documents it
  const requestId = new Map(headers).get('Keyfence-Request-Id')
  expect(requestId).toMatch(/^req_/)
  expect(api.observations.at(-1)).toMatchObject({
    requestId,
    method: 'POST',
    path: '/v1/decide',
    verdict: { reason: 'server_not_allowed', policy: { tokenId: token.id } },
  })
})

test('the metadata is told where the setting is on', async () => {
  const telling = await startApi({ forwardMetadata: true })
  const { secret } = await telling.token({ metadata: { plan: 'größe' } })
  const question = { token: secret, peer: null, headers: [] }
  const asked = await telling.key(['decide'])
  const { text } = await telling.ask('POST', '/v1/decide', { key: asked, body: question })
  expect(text).toContain(JSON.stringify('{"plan":"gr\\u00f6\\u00dfe"}'))
  await telling.stop()
})

test('whatever goes wrong, the token is in no log and no problem', async () => {
  const secret = 'kf_a-secret-that-must-not-be-told'
  for (const broken of [
    { token: secret, headers: [] },
    { token: [secret], peer: null, headers: [] },
    { token: secret, peer: null, headers: [[secret]] },
    { token: secret, peer: 7, headers: [] },
    { token: secret, peer: null, headers: Array.from({ length: 501 }, () => ['a', secret]) },
  ]) {
    const answer = await decide(broken)
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain(secret)
  }
  await decide({ token: secret, peer: null, headers: [] })
  expect(JSON.stringify([api.logged, api.observations])).not.toContain(secret)
})
