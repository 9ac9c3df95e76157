import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed } from '../../activity/observed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type AnswerBody, type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string
let bobs: string

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
  bobs = await api.key(['read', 'write'], 'bob')
})
afterAll(() => api.stop())

const NOON = '2026-11-24T12:00:00.000Z'
const EVENING = '2026-11-24T20:00:00.000Z'

/** A path below a new token of alice's. */
async function newToken(draft: object = {}): Promise<AnswerBody & { readonly path: string }> {
  const token = await api.token(draft)
  return { ...token, path: `/v1/tokens/${token.id}` }
}

describe('creating a token', () => {
  const draft = { name: 'Shop', owner: 'alice' }

  test.each<{ draft: object; path: string; because: string }>([
    { draft: {}, path: '/name', because: 'a name is needed' },
    { draft: { ...draft, name: '' }, path: '/name', because: 'an empty name' },
    { draft: { ...draft, name: ' \t' }, path: '/name', because: 'a blank name' },
    { draft: { ...draft, name: 'a\nb' }, path: '/name', because: 'a control character' },
    { draft: { ...draft, name: '\ud800' }, path: '/name', because: 'half a character' },
    { draft: { ...draft, name: 'x'.repeat(201) }, path: '/name', because: 'too long' },
    { draft: { ...draft, name: 5 }, path: '/name', because: 'no text' },
    { draft: { name: 'x' }, path: '/owner', because: 'no owner, and the key has none' },
    { draft: { ...draft, owner: 'a b' }, path: '/owner', because: 'a blank in the owner' },
    { draft: { ...draft, owner: 'ä' }, path: '/owner', because: 'outside ASCII' },
    { draft: { ...draft, owner: 'x'.repeat(129) }, path: '/owner', because: 'too long' },
    { draft: { ...draft, mode: 'off' }, path: '/mode', because: 'no such mode' },
    { draft: { ...draft, expiresAt: 1_800_000_000 }, path: '/expiresAt', because: 'no text' },
    { draft: { ...draft, expiresAt: '2027-01-31' }, path: '/expiresAt', because: 'a day' },
    {
      draft: { ...draft, expiresAt: '2027-02-30T00:00:00Z' },
      path: '/expiresAt',
      because: 'no day',
    },
    {
      draft: { ...draft, expiresAt: '2027-01-31T00:00:00' },
      path: '/expiresAt',
      because: 'no zone',
    },
    {
      draft: { ...draft, notBefore: EVENING, expiresAt: NOON },
      path: '/expiresAt',
      because: 'it ends before it begins',
    },
    {
      draft: { ...draft, notBefore: NOON, expiresAt: NOON },
      path: '/expiresAt',
      because: 'there is no moment between',
    },
    { draft: { ...draft, metadata: { 'a b': 'x' } }, path: '/metadata/a b', because: 'a blank' },
    { draft: { ...draft, metadata: { a: 1 } }, path: '/metadata/a', because: 'no text' },
    { draft: { ...draft, metadata: { a: 'x'.repeat(201) } }, path: '/metadata/a', because: 'long' },
    {
      draft: {
        ...draft,
        metadata: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`n${at}`, 'x'])),
      },
      path: '/metadata',
      because: 'too many',
    },
    { draft: { ...draft, metadata: ['x'] }, path: '/metadata', because: 'a list' },
    {
      draft: { ...draft, restrictions: { domains: { enabled: true, entries: [] } } },
      path: '/restrictions/ips',
      because: 'both lists or none',
    },
    {
      draft: {
        ...draft,
        restrictions: {
          domains: { enabled: 'yes', entries: [] },
          ips: { enabled: false, entries: [] },
        },
      },
      path: '/restrictions/domains/enabled',
      because: 'a switch is on or off',
    },
  ])('is 400 at $path: $because', async ({ draft: body, path }) => {
    const before = (await api.ask('GET', '/v1/audit?limit=1', { key })).text
    const answer = await api.ask('POST', '/v1/tokens', { key, body })
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid_request', path })
    expect((await api.ask('GET', '/v1/audit?limit=1', { key })).text).toBe(before)
  })

  test.each(['id', 'hint', 'createdAt', 'status', 'lastUsedAt', 'version', 'secret', 'hash'])(
    '%s is not for the caller to say',
    async (member) => {
      const answer = await api.ask('POST', '/v1/tokens', { key, body: { ...draft, [member]: 'x' } })
      expect(answer.body).toMatchObject({ code: 'unknown_member', path: `/${member}` })
    },
  )

  test('all bad entries are told together, and nothing is saved', async () => {
    const restrictions = {
      domains: { enabled: true, entries: ['example.com', 'co.uk', 5, null, { value: 'http://' }] },
      ips: { enabled: false, entries: [{ value: '10.0.0.1' }, '8.8.8.8'] },
    }
    const answer = await api.ask('POST', '/v1/tokens', { key, body: { ...draft, restrictions } })
    expect([answer.status, answer.body['code']]).toEqual([422, 'entries_refused'])
    const problems = answer.body['problems'] as { path: string; code: string }[] // as documented
    expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual([
      '/domains/entries/1 domain_public_suffix',
      '/domains/entries/2 not_text',
      '/domains/entries/3 not_text',
      '/domains/entries/4 domain_syntax',
      '/ips/entries/0 ip_special',
    ])
  })

  test('shows the secret once, and the token works when it is answered', async () => {
    const body = {
      ...draft,
      metadata: { plan: 'pro', constructor: 'x' },
      expiresAt: '2027-01-31T13:00:00+01:00',
      restrictions: {
        domains: { enabled: true, entries: [{ value: 'https://Example.com/x', label: 'shop' }] },
        ips: { enabled: false, entries: [] },
      },
    }
    const created = await api.ask('POST', '/v1/tokens', { key, body })
    expect(created.status).toBe(201)
    const { secret, warnings, ...token } = created.body
    expect(secret).toMatch(/^kf_[0-9A-Za-z]{40}$/)
    expect(warnings).toEqual([])
    expect(token).toEqual({
      id: expect.stringMatching(/^tok_/),
      name: 'Shop',
      owner: 'alice',
      hint: `kf_…${secret.slice(-4)}`,
      metadata: { plan: 'pro', constructor: 'x' },
      createdAt: '2026-11-24T09:30:00.000Z',
      notBefore: null,
      expiresAt: '2027-01-31T12:00:00.000Z',
      lastUsedAt: null,
      status: 'active',
      mode: 'enforce',
      restrictions: {
        domains: {
          enabled: true,
          entries: [{ value: 'example.com', label: 'shop', subdomains: false }],
        },
        ips: { enabled: false, entries: [] },
      },
      worksFrom: 'Works in browsers on example.com; no server can use it.',
    })
    expect(created.headers).toMatchObject({
      etag: '"1"',
      location: `/v1/tokens/${token.id}`,
    })
    expect(api.lookUp(secret)).toMatchObject({ state: 'known' })
    const read = await api.ask('GET', `/v1/tokens/${token.id}`, { key })
    expect(read.body).toEqual({ ...token, previousSecretEndsAt: null })
  })

  test('warns of an entry that may not do what is expected', async () => {
    const restrictions = {
      domains: { enabled: true, entries: ['localhost'] },
      ips: { enabled: false, entries: [] },
    }
    const { body } = await api.ask('POST', '/v1/tokens', { key, body: { ...draft, restrictions } })
    expect(body['warnings']).toEqual([
      { path: '/domains/entries/0', code: 'domain_localhost', message: expect.any(String) },
    ])
  })

  test.each<{ owner: string | undefined; status: number; because: string }>([
    { owner: 'alice', status: 403, because: 'another owner' },
    { owner: 'bob', status: 201, because: 'its own' },
    { owner: undefined, status: 201, because: 'its own, understood' },
  ])('by a key of bob, for $owner, is $status: $because', async ({ owner, status }) => {
    const answer = await api.ask('POST', '/v1/tokens', { key: bobs, body: { name: 'x', owner } })
    expect(answer.status).toBe(status)
    if (status === 201) expect(answer.body['owner']).toBe('bob')
  })
})

describe('changing a token', () => {
  test.each<{ body: object; path: string; because: string }>([
    { body: { owner: 'bob' }, path: '/owner', because: 'a token keeps its owner' },
    { body: { status: 'revoked' }, path: '/status', because: 'revoking is a call of its own' },
    { body: { restrictions: {} }, path: '/restrictions', because: 'they have a call of their own' },
    { body: { name: null }, path: '/name', because: 'a name cannot be taken away' },
    { body: { metadata: null }, path: '/metadata', because: 'an empty object takes it away' },
    { body: { expiresAt: 'never' }, path: '/expiresAt', because: 'null takes it away' },
    { body: { expiresAt: NOON }, path: '/expiresAt', because: 'before the stored beginning' },
  ])('by $body is 400: $because', async ({ body, path }) => {
    const token = await newToken({ notBefore: EVENING })
    const answer = await api.ask('PATCH', token.path, { key, body })
    expect(answer.body).toMatchObject({ status: 400, path })
    expect((await api.ask('GET', token.path, { key })).headers.etag).toBe('"1"')
  })

  test('changes what is given, leaves the rest, and is obeyed at once', async () => {
    const token = await newToken({ expiresAt: EVENING, metadata: { plan: 'pro' } })
    const body = { name: 'New', expiresAt: null, notBefore: NOON, mode: 'report' }
    const answer = await api.ask('PATCH', token.path, { key, body })
    expect(answer.headers.etag).toBe('"2"')
    expect(answer.body).toMatchObject({ ...body, metadata: { plan: 'pro' } })
    expect(api.lookUp(token.secret)).toMatchObject({
      policy: { mode: 'report', life: { notBefore: Date.parse(NOON), expiresAt: undefined } },
    })
  })

  test('to what it is already writes nothing', async () => {
    const token = await newToken()
    const answer = await api.ask('PATCH', token.path, {
      key,
      body: { name: 'test', mode: 'enforce' },
    })
    expect([answer.status, answer.headers.etag]).toEqual([200, '"1"'])
    const audit = await api.ask('GET', `/v1/audit?target=${token.id}`, { key })
    expect(audit.body['items']).toHaveLength(1)
  })

  test('is told in the audit log, from what to what', async () => {
    const token = await newToken()
    api.time.wall += 1
    await api.ask('PATCH', token.path, { key, body: { name: 'New', expiresAt: EVENING } })
    const audit = await api.ask('GET', `/v1/audit?target=${token.id}&limit=1`, { key })
    expect(audit.body['items']).toEqual([
      {
        id: expect.stringMatching(/^aud_/),
        createdAt: new Date(api.time.wall).toISOString(),
        actor: expect.stringMatching(/^key_/),
        action: 'token.change',
        target: token.id,
        owner: 'alice',
        details: {
          from: { name: 'test', expiresAt: null },
          to: { name: 'New', expiresAt: Date.parse(EVENING) },
        },
      },
    ])
  })
})

describe('the status of a token', () => {
  const revoked: readonly (readonly [method: string, suffix: string, body: object])[] = [
    ['POST', '/enable', {}],
    ['POST', '/disable', {}],
    ['POST', '/rotate', {}],
    ['PATCH', '', { name: 'x' }],
    ['PATCH', '', { name: 'test' }],
    [
      'PUT',
      '/restrictions',
      { domains: { enabled: false, entries: [] }, ips: { enabled: false, entries: [] } },
    ],
  ]

  test.each(revoked)('%s %s %j of a revoked token is 409', async (method, suffix, body) => {
    const token = await newToken()
    await api.ask('POST', `${token.path}/revoke`, { key })
    const answer = await api.ask(method, token.path + suffix, { key, body })
    expect([answer.status, answer.body['code']]).toEqual([409, 'conflict'])
    expect(api.lookUp(token.secret)).toMatchObject({ policy: { life: { status: 'revoked' } } })
  })

  test.each([
    ['revoke', 'revoked'],
    ['disable', 'disabled'],
  ])('%s is obeyed at once, and once more is no mistake', async (verb, status) => {
    const token = await newToken()
    const first = await api.ask('POST', `${token.path}/${verb}`, { key })
    expect(first.body['status']).toBe(status)
    expect(api.lookUp(token.secret)).toMatchObject({ policy: { life: { status } } })
    const second = await api.ask('POST', `${token.path}/${verb}`, { key })
    expect([second.status, second.headers.etag]).toEqual([200, '"2"'])
  })

  test('a revoked token works from nowhere, a disabled one from where it will again', async () => {
    const { path } = await newToken()
    const whileOff = await api.ask('POST', `${path}/disable`, { key })
    const atLast = await api.ask('POST', `${path}/revoke`, { key })
    expect([whileOff.body['worksFrom'], atLast.body['worksFrom']]).toEqual([
      'Works from anywhere.',
      'Works from nowhere: it is revoked.',
    ])
  })

  test('enabling undoes disabling', async () => {
    const token = await newToken()
    await api.ask('POST', `${token.path}/disable`, { key, body: {} })
    await api.ask('POST', `${token.path}/enable`, { key, body: {} })
    expect(api.lookUp(token.secret)).toMatchObject({ policy: { life: { status: 'active' } } })
  })

  test('a deleted token is gone, and its hash stays known', async () => {
    const token = await newToken()
    const secret = token.secret
    const answer = await api.ask('DELETE', token.path, { key })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(api.lookUp(secret)).toEqual({ state: 'unknown' })
    expect((await api.ask('GET', token.path, { key })).status).toBe(404)
    expect((await api.ask('DELETE', token.path, { key })).status).toBe(404)
    const { hashToken } = await import('../../token/token.ts')
    const hash = hashToken(secret as Parameters<typeof hashToken>[0]) // a token of ours
    const body = { tokens: [{ hash, name: 'again', owner: 'alice' }] }
    const imported = await api.ask('POST', '/v1/tokens/import', { key, body })
    expect(imported.body).toMatchObject({ status: 409, code: 'conflict', path: '/tokens/0/hash' })
    expect(imported.text).not.toContain(hash)
  })
})

describe('rotating a token', () => {
  test.each<{ body: object; because: string }>([
    { body: { overlapMs: -1 }, because: 'negative' },
    { body: { overlapMs: 0.5 }, because: 'no whole number' },
    { body: { overlapMs: 2_592_000_001 }, because: 'longer than 30 days' },
    { body: { overlapMs: '60000' }, because: 'text' },
    { body: { overlap: 60_000 }, because: 'no such member' },
  ])('by $body is 400: $because', async ({ body }) => {
    const token = await newToken()
    const answer = await api.ask('POST', `${token.path}/rotate`, { key, body })
    expect(answer.status).toBe(400)
    expect(api.lookUp(token.secret)).toMatchObject({ secretEndsAt: undefined })
  })

  test.each<{ body: object | undefined; endsInMs: number; because: string }>([
    { body: undefined, endsInMs: 0, because: 'at once by default' },
    { body: {}, endsInMs: 0, because: 'at once by default' },
    { body: { overlapMs: 60_000 }, endsInMs: 60_000, because: 'after a minute' },
    { body: { overlapMs: 2_592_000_000 }, endsInMs: 3_600_000, because: 'never past the end' },
  ])('by $body ends the old secret $because', async ({ body, endsInMs }) => {
    const expiresAt = new Date(api.time.wall + 3_600_000).toISOString()
    const token = await newToken({ expiresAt })
    const answer = await api.ask('POST', `${token.path}/rotate`, { key, body })
    expect([answer.status, answer.headers.etag]).toEqual([200, '"2"'])
    const endsAt = api.time.wall + endsInMs
    expect(answer.body['previousSecretEndsAt']).toBe(new Date(endsAt).toISOString())
    // What ends at once ends before every clock: none that leaps back revives it.
    expect(api.lookUp(token.secret)).toMatchObject({ secretEndsAt: endsInMs === 0 ? 0 : endsAt })
    expect(api.lookUp(answer.body.secret)).toMatchObject({
      state: 'known',
      secretEndsAt: undefined,
    })
    expect(answer.body['hint']).toBe(`kf_…${answer.body.secret.slice(-4)}`)
    const shown = (await api.ask('GET', token.path, { key })).body['previousSecretEndsAt']
    expect(shown).toBe(endsInMs === 0 ? null : new Date(endsAt).toISOString())
  })

  test('twice ends the oldest at once: two live at most', async () => {
    const token = await newToken()
    const body = { overlapMs: 60_000 }
    const second = await api.ask('POST', `${token.path}/rotate`, { key, body })
    const third = await api.ask('POST', `${token.path}/rotate`, { key, body })
    const ends = [token.secret, second.body.secret, third.body.secret].map((secret) => {
      const found = api.lookUp(secret)
      return found?.state === 'known' ? found.secretEndsAt : found?.state
    })
    expect(ends).toEqual([0, api.time.wall + 60_000, undefined])
  })
})

interface Listed {
  readonly name: string
  readonly owner: string
  readonly traffic?: { readonly allowed: number[]; readonly refused: number[] }
}

const list = async (query: string, asked = key) => {
  const answer = await api.ask('GET', `/v1/tokens?${query}`, { key: asked })
  const items = (answer.body['items'] ?? []) as Listed[] // as documented
  return { ...answer, items, names: items.map(({ name }) => name) }
}

describe('listing tokens', () => {
  beforeAll(async () => {
    for (const [at, name] of ['Älpha', 'beta', 'BETA two', "o'brien%_"].entries()) {
      api.time.wall += 1
      const token = await api.token({ name, owner: 'carol' })
      if (at === 1) await api.ask('POST', `/v1/tokens/${token.id}/disable`, { key })
    }
  })

  test.each<{ query: string; because: string }>([
    { query: 'limit=0', because: 'too few' },
    { query: 'limit=201', because: 'too many' },
    { query: 'limit=-1', because: 'negative' },
    { query: 'limit=1e2', because: 'another notation' },
    { query: 'limit=', because: 'empty' },
    { query: 'limit=0x10', because: 'another notation' },
    { query: 'cursor=x', because: 'no cursor of ours' },
    { query: 'cursor=', because: 'empty' },
    { query: `cursor=${Buffer.from("tok_' or 1=1").toString('base64url')}`, because: 'no id' },
    { query: 'cursor=dG9rXzAxYTIwZGM0LTlhNjAtNzY5Ni1hOTcwLWRlYTUzODQ1YWNmNA==', because: 'padded' },
    { query: 'status=gone', because: 'no such status' },
    { query: 'owner=a%20b', because: 'no owner' },
    { query: 'name=', because: 'empty' },
    { query: 'sort=name', because: 'no such parameter' },
    { query: 'owner=carol&owner=bob', because: 'twice' },
  ])('by $query is 400: $because', async ({ query }) => {
    expect((await list(query)).status).toBe(400)
  })

  test.each<{ query: string; names: readonly string[]; because: string }>([
    { query: 'owner=nobody', names: [], because: 'nobody has one' },
    { query: 'owner=carol&status=disabled', names: ['beta'], because: 'both have to hold' },
    { query: 'owner=carol&name=BETA', names: ['beta', 'BETA two'], because: 'ASCII case aside' },
    { query: 'owner=carol&name=%25_', names: ["o'brien%_"], because: 'no character is special' },
    { query: "owner=carol&name='", names: ["o'brien%_"], because: 'a quote is a character' },
  ])('by $query gives $names: $because', async ({ query, names }) => {
    expect((await list(query)).names).toEqual(names)
  })

  test('goes page by page in the order of creation, and ends', async () => {
    const names: string[] = []
    let cursor = ''
    for (let page = 0; page < 4; page++) {
      const found = await list(`owner=carol&limit=1${cursor}`)
      names.push(...found.names)
      const next = found.body['nextCursor']
      cursor = `&cursor=${next}`
      expect(next === undefined).toBe(page === 3)
    }
    expect(names).toEqual(['Älpha', 'beta', 'BETA two', "o'brien%_"])
  })

  test('goes back by the cursor of the page before, and is told where to', async () => {
    const first = await list('owner=carol&limit=2')
    expect(first.body['previousCursor']).toBeUndefined()
    const second = await list(`owner=carol&limit=2&cursor=${first.body.nextCursor}`)
    const before = `owner=carol&limit=2&before=${String(second.body['previousCursor'])}`
    const back = await list(before)
    expect(back.names).toEqual(first.names)
    expect(back.body['previousCursor']).toBeUndefined()
    expect(back.body['nextCursor']).toBe(first.body['nextCursor'])
    expect((await list(`${before}&cursor=${first.body.nextCursor}`)).status).toBe(400)
    expect((await list('before=x')).status).toBe(400)
  })

  test('by what needs attention holds those tokens alone', async () => {
    const query = 'owner=carol&attention=expiring'
    expect((await list(query)).names).toEqual([])
    await api.token({ owner: 'carol', name: 'late', expiresAt: '2026-11-25T00:00:00Z' })
    expect((await list(query)).names).toEqual(['late'])
    expect((await list('attention=x')).status).toBe(400)
  })

  test('includes traffic if asked to, for 50 tokens at most', async () => {
    const { id } = await api.token({ owner: 'dave' })
    const late = (await api.token({ owner: 'erin' })).id as TokenId // as below
    const tokenId = id as TokenId // the API made it
    for (let calls = 0; calls < 20; calls++) {
      api.activity.observe(observed({ tokenId, status: 'disabled' }))
    }
    api.activity.observe(observed({ tokenId }))
    const [token] = (await list('owner=dave&include=traffic')).items
    expect(token?.traffic).toMatchObject({
      since: '2026-11-22T22:00:00.000Z',
      manyRefusals: true,
    })
    const traffic = token?.traffic
    expect([traffic?.allowed.length, traffic?.allowed.at(-1)]).toEqual([36, 1])
    expect([traffic?.refused.length, traffic?.refused.at(-1)]).toEqual([36, 20])
    expect((await list('owner=dave')).items[0]?.traffic).toBeUndefined()
    for (let calls = 0; calls < 20; calls++) {
      api.activity.observe(observed({ tokenId: late, status: 'disabled' }))
    }
    expect((await list('owner=erin&attention=refused')).names).toEqual(['test'])
    expect((await list('limit=51&include=traffic')).status).toBe(400)
  })

  test('by a key of bob shows bob alone, whatever is asked', async () => {
    await api.ask('POST', '/v1/tokens', { key: bobs, body: { name: 'mine' } })
    expect((await list('owner=carol', bobs)).items).toEqual([])
    const { items } = await list('limit=200', bobs)
    expect(new Set(items.map(({ owner }) => owner))).toEqual(new Set(['bob']))
  })

  test('never shows a secret or a hash', async () => {
    const { secret } = await api.token()
    const { text } = await list('limit=200')
    expect(text).not.toContain(secret)
    expect(text).not.toMatch(/[0-9a-f]{64}/)
  })
})
