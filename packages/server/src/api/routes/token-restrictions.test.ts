import { parseIpAddressOrRange } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApi, startApi } from '../running-api.ts'

let api: RunningApi
let key: string
let bobs: string

beforeAll(async () => {
  const proxies = parseIpAddressOrRange('10.0.0.0/8')
  api = await startApi({ trustedProxies: proxies.ok ? [proxies.value] : [] })
  key = await api.key(['read', 'write'])
  bobs = await api.key(['read', 'write'], 'bob')
})
afterAll(() => api.stop())

const OFF = { enabled: false, entries: [] }
const domains = (...entries: readonly unknown[]) => ({
  domains: { enabled: true, entries },
  ips: OFF,
})
const ips = (...entries: readonly unknown[]) => ({ domains: OFF, ips: { enabled: true, entries } })

describe('replacing the restrictions of a token', () => {
  test.each<{ body: unknown; status: number; path: string; because: string }>([
    { body: {}, status: 400, path: '/domains', because: 'both lists or none' },
    { body: { domains: OFF }, status: 400, path: '/ips', because: 'both lists or none' },
    { body: { domains: [], ips: OFF }, status: 400, path: '/domains', because: 'no switch' },
    {
      body: { domains: { entries: [] }, ips: OFF },
      status: 400,
      path: '/domains/enabled',
      because: 'off and on are never guessed',
    },
    {
      body: { domains: { enabled: true, entries: 'example.com' }, ips: OFF },
      status: 400,
      path: '/domains/entries',
      because: 'no list',
    },
    {
      body: domains({ label: 'x' }),
      status: 400,
      path: '/domains/entries/0/value',
      because: 'none',
    },
    {
      body: domains({ value: 'example.com', subdomain: true }),
      status: 400,
      path: '/domains/entries/0/subdomain',
      because: 'no such member',
    },
    {
      body: ips({ value: '8.8.8.8', subdomains: true }),
      status: 400,
      path: '/ips/entries/0/subdomains',
      because: 'addresses have no subdomains',
    },
    {
      body: domains({ value: 'example.com', label: 'a\u0000b' }),
      status: 400,
      path: '/domains/entries/0/label',
      because: 'a control character',
    },
    {
      body: domains({ value: 'example.com', label: 'x'.repeat(201) }),
      status: 400,
      path: '/domains/entries/0/label',
      because: 'too long',
    },
    {
      body: { ...domains(), restrictions: {} },
      status: 400,
      path: '/restrictions',
      because: 'no such member',
    },
  ])('is $status at $path: $because', async ({ body, status, path }) => {
    const { id } = await api.token()
    const answer = await api.ask('PUT', `/v1/tokens/${id}/restrictions`, { key, body })
    expect(answer.body).toMatchObject({ status, path })
    expect((await api.ask('GET', `/v1/tokens/${id}`, { key })).headers.etag).toBe('"1"')
  })

  test.each<{ body: unknown; problems: readonly string[]; because: string }>([
    {
      body: domains('a.com', 'b.com', 'c.com', 'd.com', 'e.com', 'f.com'),
      problems: ['/domains/entries/5 entries_too_many'],
      because: 'five fit',
    },
    {
      body: domains('example.com', 'https://EXAMPLE.com/'),
      problems: ['/domains/entries/1 entry_duplicate'],
      because: 'the same once normalised',
    },
    {
      body: ips('1.2.3.4:80', '8.8.8.0/24', 'example.com', true),
      problems: [
        '/ips/entries/0 ip_has_port',
        '/ips/entries/1 ip_range_not_allowed',
        '/ips/entries/2 ip_syntax',
        '/ips/entries/3 not_text',
      ],
      because: 'each is told',
    },
    {
      body: { domains: { enabled: false, entries: ['co.uk'] }, ips: OFF },
      problems: ['/domains/entries/0 domain_public_suffix'],
      because: 'a list that is off is checked too',
    },
  ])('is 422 with $problems: $because', async ({ body, problems }) => {
    const { id } = await api.token()
    const answer = await api.ask('PUT', `/v1/tokens/${id}/restrictions`, { key, body })
    expect([answer.status, answer.body['code']]).toEqual([422, 'entries_refused'])
    const told = answer.body['problems'] as { path: string; code: string; message: string }[] // as documented
    expect(told.map(({ path, code }) => `${path} ${code}`)).toEqual(problems)
    expect(told.every(({ message }) => message.length > 0)).toBe(true)
    expect((await api.ask('GET', `/v1/tokens/${id}`, { key })).headers.etag).toBe('"1"')
  })

  test('normalises, warns, is obeyed at once, and gives back what may be sent again', async () => {
    const token = await api.token()
    const path = `/v1/tokens/${token.id}/restrictions`
    const body = {
      domains: {
        enabled: true,
        entries: ['https://Bücher.example/x', { value: 'localhost', label: 'dev' }],
      },
      ips: { enabled: false, entries: [{ value: '2606:4700:0:0::1' }] },
    }
    const answer = await api.ask('PUT', path, { key, body })
    const shown = {
      domains: {
        enabled: true,
        entries: [
          { value: 'xn--bcher-kva.example', label: '', subdomains: false },
          { value: 'localhost', label: 'dev', subdomains: false },
        ],
      },
      ips: { enabled: false, entries: [{ value: '2606:4700::1', label: '' }] },
    }
    expect(answer.body).toEqual({
      ...shown,
      warnings: [
        { path: '/domains/entries/1', code: 'domain_localhost', message: expect.any(String) },
      ],
    })
    expect(answer.headers.etag).toBe('"2"')
    expect(api.lookUp(token.secret)).toMatchObject({
      policy: { restrictions: { domains: { mode: 'on', isEmpty: false }, ips: { mode: 'off' } } },
    })
    const read = await api.ask('GET', path, { key })
    expect(read.body).toEqual(shown)
    const again = await api.ask('PUT', path, { key, body: read.body })
    expect([again.status, again.headers.etag]).toEqual([200, '"3"'])
  })
})

describe('asking about an entry', () => {
  test.each<{ question: object; verdict: object; because: string }>([
    {
      question: { kind: 'domain', input: 'co.uk' },
      verdict: { ok: false, code: 'domain_public_suffix' },
      because: 'a suffix',
    },
    {
      question: { kind: 'domain', input: 5 },
      verdict: { ok: false, code: 'not_text' },
      because: 'no text',
    },
    {
      question: { kind: 'domain', input: null },
      verdict: { ok: false, code: 'not_text' },
      because: 'no text',
    },
    {
      question: { kind: 'domain', input: ['a.com'] },
      verdict: { ok: false, code: 'not_text' },
      because: 'no text',
    },
    {
      question: { kind: 'domain', input: '*.a.com', subdomains: true },
      verdict: { ok: false, code: 'domain_wildcard' },
      because: 'twice',
    },
    {
      question: { kind: 'ip', input: '10.0.0.1' },
      verdict: { ok: false, code: 'ip_special' },
      because: 'private',
    },
    {
      question: { kind: 'ip', input: '::ffff:8.8.8.8' },
      verdict: { ok: true, value: '8.8.8.8', warnings: [] },
      because: 'mapped',
    },
    {
      question: { kind: 'domain', input: 'WWW.Example.com.' },
      verdict: { ok: true, value: 'www.example.com' },
      because: 'normalised',
    },
  ])('$question is $verdict: $because', async ({ question, verdict }) => {
    const answer = await api.ask('POST', '/v1/entries/check', { key, body: question })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject(verdict)
  })

  test.each([
    {},
    { kind: 'domain' },
    { kind: 'cidr', input: 'x' },
    { kind: 'ip', input: 'x', y: 1 },
  ])('%j is 400', async (body) => {
    expect((await api.ask('POST', '/v1/entries/check', { key, body })).status).toBe(400)
  })
})

const explain = async (body: object, asked = key) =>
  await api.ask('POST', '/v1/explain', { key: asked, body })
const page = (origin: string) => ({ headers: [['Origin', origin]], peer: '203.0.113.7' })
const server = (peer: string | null) => ({ headers: [['User-Agent', 'x']], peer })

describe('explaining a request', () => {
  test.each<{ body: object; because: string }>([
    { body: { request: server(null) }, because: 'of which token?' },
    { body: { tokenId: 'tok_x', restrictions: domains(), request: server(null) }, because: 'both' },
    { body: { restrictions: domains(), request: { headers: [] } }, because: 'no peer' },
    {
      body: { restrictions: domains(), request: { headers: [['x']], peer: null } },
      because: 'no pair',
    },
    {
      body: { restrictions: domains(), request: { headers: { a: 'b' }, peer: null } },
      because: 'no list',
    },
    {
      body: {
        restrictions: domains(),
        request: {
          headers: [
            ['Origin', 'https://a.com'],
            ['Access-Control-Request-Method', 'GET'],
          ],
          peer: null,
          method: 'OPTIONS',
        },
      },
      because: 'a preflight carries no token',
    },
  ])('$body is 400: $because', async ({ body }) => {
    expect((await explain(body)).status).toBe(400)
  })

  test.each<{ restrictions: object; request: object; gives: object; because: string }>([
    {
      restrictions: domains('example.com'),
      request: page('https://evil.example'),
      gives: {
        effect: 'deny',
        source: 'browser',
        reason: 'domain_not_listed',
        domain: 'evil.example',
        address: null,
      },
      because: 'another page',
    },
    {
      restrictions: domains('example.com'),
      request: page('null'),
      gives: { effect: 'deny', reason: 'domain_unreadable', domain: null },
      because: 'no domain',
    },
    {
      restrictions: domains('example.com'),
      request: server('203.0.113.7'),
      gives: {
        effect: 'deny',
        source: 'server',
        reason: 'server_not_allowed',
        address: '203.0.113.7',
      },
      because: 'a server without a list for servers',
    },
    {
      restrictions: ips('8.8.8.8'),
      request: page('https://example.com'),
      gives: { effect: 'deny', reason: 'browser_not_allowed' },
      because: 'a browser without a list for browsers',
    },
    {
      restrictions: ips('8.8.8.8'),
      request: { headers: [['X-Forwarded-For', '8.8.8.8']], peer: '203.0.113.7' },
      gives: { effect: 'deny', reason: 'ip_not_listed', address: '203.0.113.7' },
      because: 'nobody trusts this peer',
    },
    {
      restrictions: ips('8.8.8.8'),
      request: server(null),
      gives: { effect: 'deny', reason: 'ip_unreadable', address: null },
      because: 'no peer',
    },
    {
      restrictions: ips('8.8.8.8'),
      request: { headers: [['x-forwarded-for', '8.8.8.8']], peer: '10.0.0.1' },
      gives: { effect: 'allow', reason: 'ip_listed', address: '8.8.8.8', response: null },
      because: 'a trusted proxy says so',
    },
    {
      restrictions: domains('example.com'),
      request: page('https://example.com'),
      gives: { effect: 'allow', reason: 'domain_listed', enforced: true, response: null },
      because: 'the listed domain',
    },
  ])('gives $gives: $because', async ({ restrictions, request, gives }) => {
    const answer = await explain({ restrictions, request })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject(gives)
    expect(answer.body['sentence']).toMatch(/^.+\.$/)
    // A stored token with the same restrictions is told the same.
    const token = await api.token({ restrictions })
    const stored = await explain({ tokenId: token.id, request })
    expect(stored.body).toEqual(answer.body)
  })

  test('tells the answer to the octet', async () => {
    const request = page('https://evil.example')
    const { body } = await explain({ restrictions: domains('example.com'), request })
    expect(body['response']).toEqual({
      status: 403,
      headers: expect.arrayContaining([
        ['Content-Type', 'application/json'],
        ['Cache-Control', 'no-store'],
        ['Access-Control-Allow-Origin', 'https://evil.example'],
        ['Vary', 'Origin'],
      ]),
      body: '{"error":"Access denied. You don\'t have permission to access this."}',
    })
    const head = await explain({
      restrictions: domains('example.com'),
      request: { ...request, method: 'HEAD' },
    })
    expect(head.body['response']).toMatchObject({ status: 403, body: '' })
  })

  test.each<{ verb: string; reason: string }>([
    { verb: 'revoke', reason: 'token_revoked' },
    { verb: 'disable', reason: 'token_disabled' },
  ])('of a token after $verb is $reason', async ({ verb, reason }) => {
    const { id } = await api.token()
    await api.ask('POST', `/v1/tokens/${id}/${verb}`, { key })
    const { body } = await explain({ tokenId: id, request: server('8.8.8.8') })
    expect(body).toMatchObject({ effect: 'deny', reason, response: { status: 401 } })
  })

  test.each<{ draft: object; reason: string }>([
    { draft: { expiresAt: '2026-11-24T09:30:00Z' }, reason: 'token_expired' },
    { draft: { notBefore: '2026-11-24T09:30:00.001Z' }, reason: 'token_not_yet_valid' },
  ])('of a token with $draft is $reason', async ({ draft, reason }) => {
    const { id } = await api.token(draft)
    const { body } = await explain({ tokenId: id, request: server('8.8.8.8') })
    expect(body).toMatchObject({ effect: 'deny', reason })
  })

  test('of a token in report mode says that it is let through', async () => {
    const { id } = await api.token({ mode: 'report', restrictions: domains() })
    const { body } = await explain({ tokenId: id, request: page('https://example.com') })
    expect(body).toMatchObject({
      effect: 'allow',
      reason: 'domain_list_empty',
      enforced: false,
      response: null,
    })
  })

  test('judges the token in the fields, and tells nothing of another', async () => {
    const token = await api.token()
    const other = await api.token()
    const sent = async (...headers: readonly (readonly [string, string])[]) => {
      const { body } = await explain({
        tokenId: token.id,
        request: { headers, peer: '8.8.8.8' },
      })
      return body['reason']
    }
    const own = `Bearer ${token.secret}`
    expect(await sent(['Authorization', own])).toBe('unrestricted')
    expect(await sent(['Authorization', own], ['X-API-Key', 'x'])).toBe('token_ambiguous')
    expect(await sent(['X-API-Key', 'kf_short'])).toBe('token_malformed')
    expect(await sent(['X-API-Key', 'nobody-knows'])).toBe('token_unknown')
    expect(await sent(['X-API-Key', other.secret])).toBe('token_unknown')
    await api.ask('POST', `/v1/tokens/${token.id}/rotate`, { key })
    expect(await sent(['Authorization', own])).toBe('token_rotated')
  })

  test("by a key of bob, of alice's token, is 404", async () => {
    const { id } = await api.token()
    const answer = await explain({ tokenId: id, request: server('8.8.8.8') }, bobs)
    const unknown = await explain({ tokenId: 'tok_x', request: server('8.8.8.8') }, bobs)
    expect([answer.status, answer.text]).toEqual([404, unknown.text])
  })
})
