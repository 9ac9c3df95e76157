/** Rows T13–T28, T36, T39, T42–T44 of docs/threats.md: what is being asked, and is the token known? */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getRequest, sendRaw } from '../raw-request.ts'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'

let keyfence: RunningKeyfence
let secret: string

beforeAll(async () => {
  keyfence = await startKeyfence({
    flags: ['--open-paths=/health', '--headers-timeout-ms=1000', '--header-bytes-max=8192'],
  })
  const created = await manage(keyfence, 'POST /v1/tokens', {
    name: 'page',
    owner: 'acme',
    restrictions: {
      domains: { enabled: true, entries: ['*.example.com'] },
      ips: { enabled: false, entries: [] },
    },
  })
  secret = created.body.secret
})

afterAll(() => keyfence.close())

const GOOD = 'Origin: https://shop.example.com'

function call(lines: readonly string[], target?: string) {
  return sendRaw(keyfence.url, getRequest(lines, target))
}

function callWithToken(lines: readonly string[], target?: string) {
  return call([`Authorization: Bearer ${secret}`, ...lines], target)
}

const TARGETS = [
  '/a/../b',
  '/%2e%2e/b',
  '/..%2fb',
  '/..%2Fb',
  '//b',
  '/a//b',
  '/a;x=1/b',
  '/a%00b',
  '/a%5cb',
  '/?x=/public',
  '/a%23b',
  '/a?b#c',
  '/.',
  '/%',
  '/a?%',
  '/a%zz',
  '/%C3%A4',
  '/a/./b',
  '/?',
  '/?&&',
]

describe('the path is no input of a decision', () => {
  test.each(TARGETS)(
    'T13 T14 T15 %s is decided like any other, and reaches the API as it is',
    async (target) => {
      expect((await callWithToken([], target)).status).toBe(403)
      expect((await call([GOOD], target)).status).toBe(401)
      const answer = await callWithToken([GOOD], target)
      expect(answer.status).toBe(200)
      expect(keyfence.reached.at(-1)).toBe(target)
    },
  )

  test.each([
    { target: '/healthz', because: 'a longer name' },
    { target: '/health/', because: 'a path below it' },
    { target: '/Health', because: 'another case' },
    { target: '/%68ealth', because: 'an escape is another octet' },
    { target: '//health', because: 'another path' },
    { target: '/x/../health', because: 'never resolved' },
    { target: '/health;x', because: 'a parameter' },
    { target: '/?/health', because: 'a query is no path' },
  ])('T23 $target is not open: $because', async ({ target }) => {
    expect((await call([], target)).status).toBe(401)
  })

  test('T23 the open path itself is', async () => {
    expect((await call([], '/health')).status).toBe(200)
    expect((await call([], '/health?a=b')).status).toBe(200)
  })

  test.each([
    ['User-Agent: kube-probe/1.30'],
    ['User-Agent: GoogleHC/1.0'],
    ['User-Agent:'],
    ['X-Health-Check: 1'],
    ['X-Original-URI: /health'],
    ['X-Forwarded-Uri: /health'],
    ['X-Original-URL: /health'],
    ['X-Rewrite-URL: /health'],
    ['X-HTTP-Method-Override: OPTIONS'],
    ['X-Forwarded-Method: OPTIONS'],
    ['X-Middleware-Subrequest: 1'],
  ])('T17 T18 %s opens nothing', async (line) => {
    expect((await call([line])).status).toBe(401)
    expect((await callWithToken([line])).status).toBe(403)
  })

  test('T18 health answers live on the other listener', async () => {
    for (const target of ['/healthz', '/readyz', '/metrics', '/v1/tokens']) {
      expect((await call([], target)).status).toBe(401)
    }
  })
})

const HOSTILE_ORIGINS = [
  'https://example.com',
  'https://evilexample.com',
  'https://example.com.evil.net',
  'https://shop.example.com.evil.net',
  'https://shopexample.com',
  'https://.example.com',
  'https://..example.com',
  'https://shop..example.com',
  'https://shop.example.com..',
  'https://evil.net?.example.com',
  'https://evil.net#.example.com',
  'https://evil.net/.example.com',
  'https://evil.net\\.example.com',
  'https://evil.net@shop.example.com',
  'https://shop.example.com@evil.net',
  'https://a:b@shop.example.com',
  'https://shop.example.com/',
  'https://shop.example.com?',
  'https://shop.example.com#',
  'https://shop.example.com:',
  'https://shop.example.com:99999',
  'https://shop.example.com:443:443',
  'https://shop.example.com:4a3',
  'https://shop.example.com:-1',
  'https://[shop.example.com]',
  'https:shop.example.com',
  'https:/shop.example.com',
  'https:///shop.example.com',
  '//shop.example.com',
  'shop.example.com',
  'wss://shop.example.com',
  'ftp://shop.example.com',
  'file://shop.example.com',
  'capacitor://shop.example.com',
  'javascript:shop.example.com',
  'chrome-extension://shop.example.com',
  'data:text/html,shop.example.com',
  'blob:https://shop.example.com',
  'about:blank',
  'null',
  'NULL',
  '',
  'https://shop.example.com, https://shop.example.com',
  'https://shop.example.com https://evil.net',
  'https://shop.example.com\t.evil.net',
  'https://shop%2eexample.com',
  'https://%73hop.example.com',
  'https://shop.example.com%00',
  'https://sh\u00f6p.example.com',
  'https://shop\u3002example.com',
  'https://xn--shop.example.com.evil.net',
  'https://shop.example.com.',
  'https://127.0.0.1',
  'https://[::1]',
  'https://0x7f.1',
  `https://${'a'.repeat(64)}.example.com`,
  `https://${'a.'.repeat(130)}example.com`,
  'https://*.example.com',
  'https://*',
  'HTTPS//shop.example.com',
  'https ://shop.example.com',
  'https://shop.example.com;',
  'https://shop!.example.com',
  "https://shop'.example.com",
]

/** Of these the host is one below example.com by every URL parser: they are allowed, and no attack. */
const HARMLESS: ReadonlySet<string> = new Set(['https://shop.example.com.'])

describe('an origin that is none of the listed', () => {
  test.each(HOSTILE_ORIGINS.map((origin) => ({ origin })))(
    'T19 T20 T21 T22 $origin',
    async ({ origin }) => {
      const octets = Buffer.from(origin).toString('latin1')
      const answer = await callWithToken([
        `Origin: ${octets}`,
        'Referer: https://shop.example.com/',
      ])
      expect(answer.status).toBe(HARMLESS.has(origin) ? 200 : 403)
    },
  )

  test('T25 what is allowed names the same host to a URL parser', async () => {
    for (const origin of [
      'https://SHOP.example.com',
      'http://a_b.example.com:8080',
      'https://xn--bcher-kva.example.com',
    ]) {
      expect(new URL(origin).hostname.endsWith('.example.com')).toBe(true)
      expect((await callWithToken([`Origin: ${origin}`])).status).toBe(200)
    }
  })
})

describe('what is sent twice or means two things', () => {
  test.each<{ t: string; lines: () => string[]; status: number; because: string }>([
    {
      t: 'T26',
      lines: () => [`Authorization: Bearer ${secret}`, GOOD, GOOD],
      status: 403,
      because: 'two Origin lines, though the same',
    },
    {
      t: 'T26',
      lines: () => [`Authorization: Bearer ${secret}`, GOOD, 'Origin: https://evil.net'],
      status: 403,
      because: 'neither the first nor the last wins',
    },
    {
      t: 'T26',
      lines: () => [`Authorization: Bearer ${secret}`, `authorization: Bearer ${secret}`, GOOD],
      status: 401,
      because: 'two Authorization lines',
    },
    {
      t: 'T26',
      lines: () => [`Authorization: Bearer ${secret}`, 'X-API-Key: other', GOOD],
      status: 401,
      because: 'two different tokens',
    },
    {
      t: 'T26',
      lines: () => [
        `Authorization: Bearer ${secret}`,
        'Referer: https://shop.example.com/',
        'Referer: https://shop.example.com/',
      ],
      status: 403,
      because: 'two Referer lines',
    },
    {
      t: 'T24',
      lines: () => [`Authorization: Bearer ${secret}`, 'Sec-Fetch-Site: same-origin'],
      status: 403,
      because: 'fetch metadata alone makes it stricter, never looser',
    },
    {
      t: 'T36',
      lines: () => [`Authorization: Basic ${secret}`, GOOD],
      status: 401,
      because: 'another scheme',
    },
    {
      t: 'T36',
      lines: () => [`Authorization: Bearer\t${secret}`, GOOD],
      status: 401,
      because: 'a tab is no space',
    },
    {
      t: 'T36',
      lines: () => [`Authorization: Bearer, ${secret}`, GOOD],
      status: 401,
      because: 'a comma',
    },
    {
      t: 'T36',
      lines: () => [`Authorization: ${secret}`, GOOD],
      status: 401,
      because: 'no scheme',
    },
    {
      t: 'T36',
      lines: () => [`Cookie: token=${secret}`, GOOD],
      status: 401,
      because: 'no cookie is read',
    },
    {
      t: 'T22',
      lines: () => ['Authorization: \u00ff\u00fe', GOOD],
      status: 401,
      because: 'odd octets',
    },
    {
      t: 'T27',
      lines: () => [`Authorization: Bearer ${secret.slice(0, 20)}`, GOOD],
      status: 401,
      because: 'the first 20 characters',
    },
    {
      t: 'T27',
      lines: () => [`Authorization: Bearer ${secret}x`, GOOD],
      status: 401,
      because: 'one character more',
    },
    {
      t: 'T27',
      lines: () => [`Authorization: Bearer ${secret.toUpperCase()}`, GOOD],
      status: 401,
      because: 'another case',
    },
    {
      t: 'T39',
      lines: () => ['__proto__: x', 'constructor: y', 'toString: z', GOOD],
      status: 401,
      because: 'names of an object’s own',
    },
    {
      t: 'T39',
      lines: () => [`Authorization: Bearer ${secret}`, '__proto__: x', 'hasOwnProperty: y', GOOD],
      status: 200,
      because: 'they are fields like any other',
    },
    {
      t: 'T39',
      lines: () => ['Authorization: Bearer __proto__', GOOD],
      status: 401,
      because: 'no token is called that',
    },
  ])('$t $status: $because', async ({ lines, status }) => {
    expect((await call(lines())).status).toBe(status)
  })

  test('T36 a token in the query is not read by default', async () => {
    expect((await call([GOOD], `/?token=${secret}&access_token=${secret}`)).status).toBe(401)
  })

  test('T27 of a thousand tokens that begin alike, each is itself alone', async () => {
    const { hash } = await import('node:crypto')
    const tokens = Array.from(
      { length: 1000 },
      (_, at) => `shared-beginning-of-forty-characters-${at}`,
    )
    const imported = await manage(keyfence, 'POST /v1/tokens/import', {
      tokens: tokens.slice(0, 500).map((token, at) => ({
        name: `t${at}`,
        owner: 'acme',
        hash: hash('sha256', token, 'hex'),
      })),
    })
    expect(imported.status).toBe(201)
    const statuses = await Promise.all(
      tokens
        .filter((_, at) => at % 50 === 0)
        .map(async (token) => (await call([`X-API-Key: ${token}`])).status),
    )
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(10).fill(401)])
  })

  test('T28 T29 answers do not depend on what was asked before, and no cache may keep them', async () => {
    const questions = [[GOOD], ['Origin: https://evil.net'], [], ['Sec-Fetch-Site: none']]
    const ask = async (lines: string[]) => (await callWithToken(lines)).status
    const forwards = []
    for (const lines of questions) forwards.push(await ask(lines))
    const backwards = []
    for (const lines of questions.toReversed()) backwards.push(await ask(lines))
    expect(backwards.toReversed()).toEqual(forwards)
    const refused = await callWithToken([])
    expect(refused.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Origin' })
    const allowed = await callWithToken([GOOD])
    expect(allowed.headers).toMatchObject({ 'cache-control': 'private' })
    expect(allowed.headers['vary']).toContain('Origin')
  })
})
