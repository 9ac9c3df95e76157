import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manage, type RunningKeyfence, send, startKeyfence } from './running-keyfence.ts'

const REFUSED = '{"error":"Access denied. You don\'t have permission to access this."}'
const NO_TOKEN = '{"error":"Missing or invalid API token."}'
const UNKNOWN = 'kf_00000000000000000000000000000000000D7yrC'
const PAGE = 'https://example.com'

let keyfence: RunningKeyfence

beforeAll(async () => {
  // Private addresses may be listed, because tests call from 127.0.0.1.
  keyfence = await startKeyfence({ flags: ['--allow-private-addresses'] })
})

afterAll(() => keyfence.close())

interface Lists {
  readonly domains?: { readonly enabled: boolean; readonly entries: readonly string[] }
  readonly ips?: { readonly enabled: boolean; readonly entries: readonly string[] }
}

const OFF = { enabled: false, entries: [] }
const on = (...entries: string[]) => ({ enabled: true, entries })

async function createToken({ domains = OFF, ips = OFF }: Lists = {}) {
  const created = await manage(keyfence, 'POST /v1/tokens', {
    name: 'shop',
    owner: 'acme',
    restrictions: { domains, ips },
  })
  expect(created.status).toBe(201)
  return created.body
}

function call(token: string | undefined, fields: Readonly<Record<string, string>> = {}) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return send(`${keyfence.url}/orders?page=2`, { headers: { ...authorization, ...fields } })
}

describe('a token works where its lists say, and nowhere else', () => {
  test.each<{ lists: Lists; origin?: string; status: number; because: string }>([
    {
      lists: { domains: on('example.com') },
      origin: 'https://evil.example',
      status: 403,
      because: 'another page',
    },
    { lists: { domains: on('example.com') }, status: 403, because: 'a server, with domains alone' },
    {
      lists: { domains: on('example.com') },
      origin: 'null',
      status: 403,
      because: 'a page without an origin',
    },
    {
      lists: { domains: on() },
      origin: PAGE,
      status: 403,
      because: 'an empty list matches nobody',
    },
    {
      lists: { ips: on('127.0.0.1') },
      origin: PAGE,
      status: 403,
      because: 'a page, with addresses alone',
    },
    { lists: { ips: on('127.0.0.2') }, status: 403, because: 'another address' },
    { lists: { ips: on() }, status: 403, because: 'addresses on and none listed' },
    {
      lists: { domains: on('example.com'), ips: on('127.0.0.2') },
      status: 403,
      because: 'a server by its address, whatever the domains',
    },
    {
      lists: { domains: on('example.org'), ips: on('127.0.0.1') },
      origin: PAGE,
      status: 403,
      because: 'a page by its domain, whatever the address',
    },
    {
      lists: { domains: on('example.com') },
      origin: PAGE,
      status: 200,
      because: 'the listed page',
    },
    { lists: { ips: on('127.0.0.1') }, status: 200, because: 'the listed address' },
    {
      lists: { domains: on('example.com'), ips: on('127.0.0.1') },
      origin: PAGE,
      status: 200,
      because: 'each by its own: the page',
    },
    {
      lists: { domains: on('example.com'), ips: on('127.0.0.1') },
      status: 200,
      because: 'each by its own: the server',
    },
    { lists: {}, status: 200, because: 'both lists are off' },
  ])('$status: $because', async ({ lists, origin, status }) => {
    const { secret } = await createToken(lists)
    const before = keyfence.reached.length
    const answer = await call(secret, origin === undefined ? {} : { origin })
    expect(answer.status).toBe(status)
    if (status === 200) {
      expect(keyfence.reached.length).toBe(before + 1)
      return
    }
    expect(answer.body).toBe(REFUSED)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect(keyfence.reached.length).toBe(before)
  })
})

describe('a token that does not count', () => {
  test('none, and an unknown one', async () => {
    for (const token of [undefined, UNKNOWN, 'other-shape']) {
      expect(await call(token)).toMatchObject({ status: 401, body: NO_TOKEN })
    }
  })

  test.each([
    { action: 'revoke', because: 'revoked' },
    { action: 'disable', because: 'disabled' },
    { action: 'rotate', because: 'rotated out' },
  ])('$because: 401 on the very next request', async ({ action }) => {
    const { id, secret } = await createToken()
    expect((await call(secret)).status).toBe(200)
    expect((await manage(keyfence, `POST /v1/tokens/${id}/${action}`)).status).toBe(200)
    expect(await call(secret)).toMatchObject({ status: 401, body: NO_TOKEN })
  })

  test('narrowed: 403 on the very next request', async () => {
    const { id, secret } = await createToken()
    expect((await call(secret)).status).toBe(200)
    const restrictions = { domains: on('example.com'), ips: OFF }
    await manage(keyfence, `PUT /v1/tokens/${id}/restrictions`, restrictions)
    expect((await call(secret)).status).toBe(403)
  })
})

test('bad entries are refused, each with its own code and a sentence, and nothing is saved', async () => {
  const six = ['a.com', 'b.com', 'c.com', 'd.com', 'e.com', 'f.com']
  const { id } = await createToken({ domains: on('example.com') })
  const put = (domains: readonly string[], ips: readonly string[] = []) =>
    manage(keyfence, `PUT /v1/tokens/${id}/restrictions`, {
      domains: { enabled: true, entries: domains },
      ips: { enabled: true, entries: ips },
    })
  const refused = await put(['*.com', '*.vercel.app'], ['192.0.2.1', '8.8.8.0/24', '1.2.3.4:80'])
  expect(refused.status).toBe(422)
  expect(refused.body.problems.map(({ path, code }) => [path, code])).toEqual([
    ['/domains/entries/0', 'domain_public_suffix'],
    ['/domains/entries/1', 'domain_public_suffix'],
    // 192.0.2.1 is let through here: private addresses are allowed.
    ['/ips/entries/1', 'ip_range_not_allowed'],
    ['/ips/entries/2', 'ip_has_port'],
  ])
  for (const { message } of refused.body.problems) expect(message).toMatch(/Enter|not allowed/)
  const tooMany = await put(six)
  expect(tooMany.body.problems).toMatchObject([
    { path: '/domains/entries/5', code: 'entries_too_many' },
  ])
  const shown = await manage(keyfence, `GET /v1/tokens/${id}`)
  expect(shown.body.restrictions.domains.entries).toMatchObject([{ value: 'example.com' }])
})

test('the API gets who called, and never what a caller claims', async () => {
  const { id, secret } = await createToken({ domains: on('example.com') })
  const answer = await call(secret, {
    origin: PAGE,
    'Keyfence-Owner': 'forged',
    keyfence_token_id: 'forged',
    'X-Forwarded-For': '1.2.3.4',
  })
  expect(JSON.parse(answer.body)).toMatchObject({
    'keyfence-token-id': id,
    'keyfence-owner': 'acme',
    'keyfence-source': 'browser',
    'x-forwarded-for': '127.0.0.1',
  })
  expect(answer.body).not.toContain('forged')
  expect(answer.body).not.toContain(secret)
})

describe('a node that stops and starts', () => {
  test('SIGTERM ends it with 0, and what was acknowledged is there again', async () => {
    const first = await startKeyfence({})
    const created = await manage(first, 'POST /v1/tokens', { name: 'kept', owner: 'acme' })
    expect(await first.stop('SIGTERM')).toBe(0)
    const second = await startKeyfence({ folder: first.folder })
    const { secret } = created.body
    const answer = await send(`${second.url}/`, { headers: { 'x-api-key': secret } })
    expect(answer.status).toBe(200)
    await second.close()
    await first.close()
  })
})
