import { expect, test } from 'vitest'
import {
  BEARER,
  exchange,
  fieldsNamed,
  get,
  PAGE_TOKEN,
  proxyBefore,
  range,
  SERVER_TOKEN,
  startUpstream,
  TOKEN,
} from './proxy-fixture.ts'

const ORIGIN = 'Origin: https://shop.example'
const DENIED = '{"error":"Access denied. You don\'t have permission to access this."}'
const NO_TOKEN = '{"error":"Missing or invalid API token."}'

test.each<{ fields: string[]; status: number; because: string }>([
  { fields: [BEARER], status: 200, because: 'the token has no restrictions' },
  { fields: [`X-API-Key: ${TOKEN}`], status: 200, because: 'the other field that is read' },
  {
    fields: [`Authorization: Bearer ${PAGE_TOKEN}`, ORIGIN],
    status: 200,
    because: 'the page is listed',
  },
  { fields: [], status: 401, because: 'no token was sent' },
  { fields: ['Authorization: Bearer other'], status: 401, because: 'nobody has that token' },
  { fields: [BEARER, BEARER], status: 401, because: 'a repeated field is ambiguous' },
  { fields: [`X_API_Key: ${TOKEN}`], status: 401, because: 'another name is another field' },
  {
    fields: [`Authorization: Bearer ${PAGE_TOKEN}`],
    status: 403,
    because: 'a server may not use a page token',
  },
  {
    fields: [`Authorization: Bearer ${PAGE_TOKEN}`, ORIGIN, ORIGIN],
    status: 403,
    because: 'two origins name no domain',
  },
  {
    fields: [`Authorization: Bearer ${SERVER_TOKEN}`, 'X-Forwarded-For: 203.0.113.7'],
    status: 403,
    because: 'the peer is no trusted proxy',
  },
  {
    fields: [`Authorization: Bearer ${SERVER_TOKEN}`, 'X-Real-IP: 203.0.113.7'],
    status: 403,
    because: 'X-Real-IP is never read',
  },
])('$status: $because', async ({ fields, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const answered = await exchange(proxy.port, ['GET /v1 HTTP/1.1', 'Host: api.example', ...fields])
  expect(answered.status).toBe(status)
  expect(api.seen).toHaveLength(status === 200 ? 1 : 0)
  expect(proxy.observations).toHaveLength(1)
})

test('a refusal has the fixed body, an id and no way into a cache', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET /v1/orders?q=secret HTTP/1.1', 'Host: api.example', ORIGIN]
  const refused = await exchange(proxy.port, [...lines, `X-API-Key: ${SERVER_TOKEN}`])
  expect(refused).toMatchObject({ status: 403, body: DENIED })
  expect(fieldsNamed(refused, 'content-type')).toEqual(['application/json'])
  expect(fieldsNamed(refused, 'cache-control')).toEqual(['no-store'])
  expect(fieldsNamed(refused, 'access-control-allow-origin')).toEqual(['https://shop.example'])
  expect(fieldsNamed(refused, 'vary')).toEqual(['Origin'])
  expect(fieldsNamed(refused, 'keyfence-request-id')).toEqual(['request-1'])
  expect(proxy.observations).toMatchObject([
    { requestId: 'request-1', method: 'GET', path: '/v1/orders', verdict: { effect: 'refuse' } },
  ])
})

test('a refusal to HEAD has no body', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const refused = await exchange(proxy.port, ['HEAD / HTTP/1.1', 'Host: api.example'])
  expect(refused).toMatchObject({ status: 401, body: '' })
  expect(fieldsNamed(refused, 'content-length')).toEqual([String(NO_TOKEN.length)])
})

test('an observer that throws changes nothing', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  Object.defineProperty(proxy.observations, 'push', {
    value: () => {
      throw new Error('full')
    },
  })
  expect((await get(proxy.port, '/')).status).toBe(200)
  expect(proxy.logged).toMatchObject([{ message: 'observing a verdict failed' }])
})

test('a look-up that throws is 503 and no allow', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  proxy.tokens.get = () => {
    throw new Error('broken')
  }
  expect(await get(proxy.port, '/')).toMatchObject({
    status: 503,
    body: '{"error":"Temporarily unavailable."}',
  })
  expect(api.seen).toEqual([])
})

test.each<{ asked: string; path: string; lines: string[]; status: number }>([
  { asked: 'a request that may pass', path: '/', lines: [BEARER, ORIGIN], status: 503 },
  { asked: 'an open path', path: '/health', lines: [ORIGIN], status: 503 },
  { asked: 'a missing token', path: '/', lines: [ORIGIN], status: 401 },
  {
    asked: 'a page that is not allowed',
    path: '/',
    lines: [`X-API-Key: ${SERVER_TOKEN}`, ORIGIN],
    status: 403,
  },
])('overloaded, $asked is $status, and nothing is passed on', async ({ path, lines, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  proxy.state.sheds = true
  const answer = await exchange(proxy.port, [`GET ${path} HTTP/1.1`, 'Host: api.example', ...lines])
  expect(answer.status).toBe(status)
  expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
  expect(fieldsNamed(answer, 'keyfence-request-id')).toEqual(['request-1'])
  expect(fieldsNamed(answer, 'retry-after')).toEqual(status === 503 ? ['1'] : [])
  expect(api.seen).toEqual([])
  proxy.state.sheds = false
  expect((await get(proxy.port, '/')).status).toBe(200)
})

test.each<{ target: string; sees: string; because: string }>([
  { target: '/a/../b', sees: '/a/../b', because: 'nothing is resolved' },
  { target: '//evil.example/x', sees: '//evil.example/x', because: 'two slashes are a path' },
  { target: '/%2e%2e/%2E%2f', sees: '/%2e%2e/%2E%2f', because: 'nothing is decoded or recased' },
  { target: '/a\\b;c=1', sees: '/a\\b;c=1', because: 'backslash and semicolon are octets' },
  { target: '/?a=1&a=2&b', sees: '/?a=1&a=2&b', because: 'the query as well' },
  { target: '/x#frag', sees: '/x#frag', because: 'and what should never be sent' },
  { target: '/http://other/', sees: '/http://other/', because: 'a path that looks absolute' },
  { target: 'http://evil.example/x?y', sees: '/x?y', because: 'absolute-form gives its path' },
  { target: 'HTTPS://evil.example', sees: '/', because: 'which may be empty' },
  { target: 'http://evil.example?y', sees: '/?y', because: 'with a query alone' },
])('target $target: $because', async ({ target, sees }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  expect((await get(proxy.port, target)).status).toBe(200)
  expect(api.seen.map(({ url }) => url)).toEqual([sees])
})

test.each<{ line: string; status: number; because: string }>([
  { line: 'OPTIONS * HTTP/1.1', status: 400, because: 'the server as a whole is not the upstream' },
  { line: 'GET ftp://h/x HTTP/1.1', status: 400, because: 'another scheme' },
  { line: 'GET http:// HTTP/1.1', status: 400, because: 'no authority' },
  { line: 'GET x HTTP/1.1', status: 400, because: 'no slash' },
  { line: 'GET /a\u0080 HTTP/1.1', status: 400, because: 'no URI character' },
  { line: 'GET / HTTP/2.0', status: 400, because: 'a version that has another form' },
  { line: 'GET / HTTP/0.9', status: 400, because: 'a version without header fields' },
  { line: 'TRACE / HTTP/1.1', status: 405, because: 'TRACE would show what is added' },
  { line: 'CONNECT api.example:443 HTTP/1.1', status: 405, because: 'a tunnel cannot be judged' },
])('$line is $status: $because', async ({ line, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const answered = await exchange(proxy.port, [line, 'Host: api.example', BEARER])
  expect(answered.status).toBe(status)
  expect(JSON.parse(answered.body)).toHaveProperty('error')
  expect(fieldsNamed(answered, 'cache-control')).toEqual(['no-store'])
  expect(api.seen).toEqual([])
})

test.each<{ target: string; status: number; because: string }>([
  { target: '/health', status: 200, because: 'the path itself' },
  { target: '/health?x=/v1', status: 200, because: 'whatever its query' },
  { target: '/health/', status: 401, because: 'another path' },
  { target: '/Health', status: 401, because: 'case counts' },
  { target: '/%68ealth', status: 401, because: 'nothing is decoded' },
  { target: '//health', status: 401, because: 'nothing is merged' },
  { target: '/v1/../health', status: 401, because: 'nothing is resolved' },
  { target: '/health#x', status: 401, because: 'a fragment is no query' },
  { target: '/v1?/health', status: 401, because: 'a query is no path' },
])('without a token $target is $status: $because', async ({ target, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = [`GET ${target} HTTP/1.1`, 'Host: api.example', 'X-Forwarded-Uri: /health']
  expect((await exchange(proxy.port, lines)).status).toBe(status)
  expect(api.seen).toHaveLength(status === 200 ? 1 : 0)
})

const PREFLIGHT = [ORIGIN, 'Access-Control-Request-Method: PUT']

test('a preflight is answered without a token, and the upstream is not asked', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['OPTIONS /v1 HTTP/1.1', 'Host: api.example', ...PREFLIGHT]
  const answered = await exchange(proxy.port, lines)
  expect(answered).toMatchObject({ status: 204, body: '' })
  expect(fieldsNamed(answered, 'access-control-allow-methods')).toEqual(['PUT'])
  expect(fieldsNamed(answered, 'cache-control')).toEqual(['no-store'])
  expect(api.seen).toEqual([])
  expect(proxy.observations).toEqual([])
})

test('a preflight is passed on as it is by setting, and its CORS is the upstream’s alone', async () => {
  await using api = await startUpstream((_request, response) => response.writeHead(204).end())
  await using proxy = await proxyBefore(api.port, { cors: { preflights: 'pass' } })
  const lines = ['OPTIONS /v1 HTTP/1.1', 'Host: api.example', ...PREFLIGHT]
  const answered = await exchange(proxy.port, lines)
  expect(answered.status).toBe(204)
  expect(fieldsNamed(answered, 'access-control-allow-origin')).toEqual([])
  expect(api.seen).toMatchObject([{ method: 'OPTIONS', url: '/v1' }])
})

test.each<{ lines: string[]; because: string }>([
  { lines: ['GET / HTTP/1.1', ...PREFLIGHT], because: 'GET is no preflight' },
  { lines: ['OPTIONS / HTTP/1.1', ORIGIN], because: 'no method is asked for' },
  {
    lines: ['GET / HTTP/1.1', ...PREFLIGHT, 'X-HTTP-Method-Override: OPTIONS'],
    because: 'no field changes the method',
  },
])('401: $because', async ({ lines: [line = '', ...fields] }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const answered = await exchange(proxy.port, [line, 'Host: api.example', ...fields])
  expect(answered.status).toBe(401)
  expect(api.seen).toEqual([])
})

test('behind a trusted proxy its X-Forwarded-For is the address', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, {
    judge: { trustedProxies: [range('127.0.0.0/8')] },
  })
  const lines = ['GET / HTTP/1.1', 'Host: api.example', `X-API-Key: ${SERVER_TOKEN}`]
  const allowed = await exchange(proxy.port, [...lines, 'X-Forwarded-For: 1.2.3.4, 203.0.113.7'])
  const refused = await exchange(proxy.port, [...lines, 'X-Forwarded-For: 203.0.113.7, 1.2.3.4'])
  expect([allowed.status, refused.status]).toEqual([200, 403])
})

test('a redirect of the upstream is handed on, not followed', async () => {
  await using api = await startUpstream((_request, response) =>
    response.writeHead(302, { Location: '/elsewhere' }).end(),
  )
  await using proxy = await proxyBefore(api.port)
  const answered = await get(proxy.port, '/')
  expect(answered.status).toBe(302)
  expect(fieldsNamed(answered, 'location')).toEqual(['/elsewhere'])
  expect(api.seen).toHaveLength(1)
})
