import { expect, test } from 'vitest'
import {
  BEARER,
  exchange,
  get,
  PAGE_TOKEN,
  proxyBefore,
  range,
  startUpstream,
  TOKEN,
  valuesOf,
} from './proxy-fixture.ts'

test('repeated fields keep their order, case and octets', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  await get(proxy.port, '/', 'Cookie: a=1', 'X-Multi: 1', 'x-multi: \u00e9', 'COOKIE: b=2')
  expect(api.seen[0]?.fields.filter(([name]) => /cookie|multi/i.test(name))).toEqual([
    ['Cookie', 'a=1'],
    ['X-Multi', '1'],
    ['x-multi', '\u00e9'],
    ['COOKIE', 'b=2'],
  ])
})

test.each<{ field: string; because: string }>([
  { field: 'Keep-Alive: timeout=5', because: 'hop-by-hop' },
  { field: 'Proxy-Connection: keep-alive', because: 'hop-by-hop' },
  { field: 'TE: trailers', because: 'hop-by-hop' },
  { field: 'Trailer: X-Sum', because: 'request trailers are not passed on' },
  { field: 'Proxy-Authorization: Basic eDp5', because: 'meant for a proxy' },
  { field: 'HTTP2-Settings: AAMAAABk', because: 'hop-by-hop' },
  { field: 'Upgrade: h2c', because: 'no upgrade but WebSocket is taken' },
  { field: 'X-Forwarded-Port: 1', because: 'forwarded by nobody we know' },
  { field: 'X-Forwarded-Prefix: /x', because: 'forwarded by nobody we know' },
  { field: 'X-Forwarded: for=1.2.3.4', because: 'forwarded by nobody we know' },
  { field: 'X-FORWARDED-SSL: on', because: 'in any case' },
  { field: 'X_Forwarded_Proto_: https', because: 'in a folded spelling' },
  { field: 'X.Forwarded.Server: x', because: 'with dots' },
  { field: 'X-Original-URL: /admin', because: 'another request than the one judged' },
  { field: 'X_Original_Host: x', because: 'folded too' },
  { field: 'Forwarded: for=1.2.3.4', because: 'never written by us' },
  { field: 'X-Real-IP: 1.2.3.4', because: 'never written by us' },
  { field: 'X_real.ip: 1.2.3.4', because: 'folded too' },
  { field: BEARER, because: 'the token is for us' },
  { field: `Authorization:  bEaRer ${TOKEN}`, because: 'in any case of the scheme' },
])('$field does not reach the upstream: $because', async ({ field }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET / HTTP/1.1', 'Host: api.example', `X-API-Key: ${TOKEN}`, field]
  expect((await exchange(proxy.port, lines)).status).toBe(200)
  const name = field.slice(0, field.indexOf(':')).toLowerCase()
  expect(valuesOf(api.seen[0], name)).toEqual([])
  expect(JSON.stringify(api.seen)).not.toContain(TOKEN)
})

const IDENTITY_SPELLINGS = [
  'Keyfence-Owner',
  'KEYFENCE-OWNER',
  'keyfence_owner',
  'Keyfence.Owner',
  'Keyfence_Token-Id',
  'keyfence~token!id',
  'Keyfence-Source',
  'Keyfence|Source',
  'Keyfence-Metadata',
  'Keyfence_Metadata',
]

test.each(IDENTITY_SPELLINGS)('a forged %s is replaced, not passed on', async (name) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  await get(proxy.port, '/', `${name}: forged`, `${name}: forged`)
  expect(JSON.stringify(api.seen)).not.toContain('forged')
  expect(valuesOf(api.seen[0], 'keyfence-owner')).toEqual(['acme:42'])
  expect(valuesOf(api.seen[0], 'keyfence-token-id')).toEqual(['tok_1'])
  expect(valuesOf(api.seen[0], 'keyfence-source')).toEqual(['server'])
  expect(valuesOf(api.seen[0], 'keyfence-metadata')).toEqual([])
})

test('a browser request is named one, and its origin is passed on', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  await get(proxy.port, '/', 'Origin: https://shop.example')
  expect(valuesOf(api.seen[0], 'keyfence-source')).toEqual(['browser'])
  expect(valuesOf(api.seen[0], 'origin')).toEqual(['https://shop.example'])
})

test('on an open path the identity fields are there and empty, whatever was sent', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { forwardMetadata: true })
  await get(proxy.port, '/health', 'Keyfence-Owner: forged', 'keyfence_metadata: {}')
  const names = ['owner', 'token-id', 'source', 'metadata'].map((name) => `keyfence-${name}`)
  expect(names.map((name) => valuesOf(api.seen[0], name))).toEqual([[''], [''], [''], ['']])
  expect(JSON.stringify(api.seen)).not.toContain(TOKEN)
})

test('metadata goes out as ASCII JSON by setting', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { forwardMetadata: true })
  await get(proxy.port, '/', 'Keyfence-Metadata: {}')
  expect(valuesOf(api.seen[0], 'keyfence-metadata')).toEqual([
    String.raw`{"plan":"gr\u00f6\u00dfe","tier":"1"}`,
  ])
})

test.each<{ connection: string; because: string }>([
  { connection: 'keyfence-owner, keyfence-token-id, keyfence-source', because: 'our identity' },
  { connection: 'X-Forwarded-For, x-forwarded-proto, X-FORWARDED-HOST', because: 'our forwarding' },
  { connection: 'host, authorization, x-api-key, origin', because: 'what was judged' },
])('Connection cannot remove $because', async ({ connection }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET / HTTP/1.1', 'Host: api.example', BEARER, `Connection: ${connection}`]
  expect((await exchange(proxy.port, lines)).status).toBe(200)
  expect(valuesOf(api.seen[0], 'keyfence-owner')).toEqual(['acme:42'])
  expect(valuesOf(api.seen[0], 'keyfence-token-id')).toEqual(['tok_1'])
  expect(valuesOf(api.seen[0], 'x-forwarded-for')).toEqual(['127.0.0.1'])
  expect(valuesOf(api.seen[0], 'x-forwarded-host')).toEqual(['api.example'])
  expect(valuesOf(api.seen[0], 'host')).toEqual(['api.example'])
})

test('a page cannot become a server by naming its Origin in Connection', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET / HTTP/1.1', 'Host: api.example', `X-API-Key: ${PAGE_TOKEN}`]
  const fields = ['Origin: https://evil.example', 'Connection: origin']
  expect((await exchange(proxy.port, [...lines, ...fields])).status).toBe(403)
})

test('fields that Connection names do not reach the upstream', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  await get(proxy.port, '/', 'X-Hop: 1', 'Connection: x-hop ,, X-Other', 'x-other: 2', 'X-Kept: 3')
  expect(valuesOf(api.seen[0], 'x-hop')).toEqual([])
  expect(valuesOf(api.seen[0], 'x-other')).toEqual([])
  expect(valuesOf(api.seen[0], 'x-kept')).toEqual(['3'])
})

test('the token stays in its field by setting', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { forwardToken: true })
  await get(proxy.port, '/')
  expect(valuesOf(api.seen[0], 'authorization')).toEqual([`Bearer ${TOKEN}`])
})

test('an Authorization of another scheme is the API’s own and stays', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET / HTTP/1.1', 'Host: api.example', `X-API-Key: ${TOKEN}`]
  await exchange(proxy.port, [...lines, 'Authorization: Basic eDp5'])
  expect(valuesOf(api.seen[0], 'authorization')).toEqual(['Basic eDp5'])
  expect(valuesOf(api.seen[0], 'x-api-key')).toEqual([])
})

test.each<{ target: string; sees: string }>([
  { target: `/x?key=${TOKEN}`, sees: '/x' },
  { target: `/x?a=%20&key=${TOKEN}&b`, sees: '/x?a=%20&b' },
])('the token in the query goes: $sees', async ({ target, sees }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, {
    judge: { tokenQuery: 'key' },
    forwardToken: true,
  })
  await exchange(proxy.port, [`GET ${target} HTTP/1.1`, 'Host: api.example'])
  expect(api.seen.map(({ url }) => url)).toEqual([sees])
  expect(JSON.stringify([proxy.observations.map(({ path }) => path), proxy.logged])).not.toContain(
    TOKEN,
  )
})

test('a query parameter that is not configured is neither read nor removed', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const target = `/x?key=${TOKEN}`
  const lines = [`GET ${target} HTTP/1.1`, 'Host: api.example']
  expect((await exchange(proxy.port, lines)).status).toBe(401)
  await get(proxy.port, target)
  expect(api.seen.map(({ url }) => url)).toEqual([target])
})

test.each<{ trusted: boolean; fields: string[]; sees: (string | undefined)[]; because: string }>([
  {
    trusted: false,
    fields: ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil'],
    sees: ['127.0.0.1', 'http', 'api.example'],
    because: 'an untrusted peer says nothing',
  },
  {
    trusted: true,
    fields: ['X-Forwarded-For: 9.9.9.9, 1.2.3.4', 'X-Forwarded-Proto: https'],
    sees: ['1.2.3.4', 'https', 'api.example'],
    because: 'a trusted proxy is believed',
  },
  {
    trusted: true,
    fields: ['X-Forwarded-For: ::ffff:1.2.3.4', 'X-Forwarded-Proto: https, http'],
    sees: ['1.2.3.4', 'http', 'api.example'],
    because: 'addresses are canonical, and two schemes are none',
  },
  {
    trusted: true,
    fields: ['X-Forwarded-For: unknown', 'X-Forwarded-Host: evil'],
    sees: ['127.0.0.1', 'http', 'api.example'],
    because: 'an unreadable hop leaves the peer; the host is the one received',
  },
  {
    trusted: true,
    fields: [
      'Origin: https://shop.example',
      'X-Forwarded-For: 1.2.3.4',
      'x_forwarded_for: 6.6.6.6',
    ],
    sees: ['1.2.3.4', 'http', 'api.example'],
    because: 'a browser has an address too',
  },
])('X-Forwarded-For, -Proto and -Host: $because', async ({ trusted, fields, sees }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, {
    judge: { trustedProxies: trusted ? [range('127.0.0.1')] : [] },
  })
  await get(proxy.port, '/', ...fields)
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']
  expect(names.map((name) => valuesOf(api.seen[0], name))).toEqual(sees.map((value) => [value]))
})

test('Host is the caller’s, or the configured one', async () => {
  await using api = await startUpstream()
  await using kept = await proxyBefore(api.port)
  await using replaced = await proxyBefore(api.port, { upstreamHost: 'inner.example' })
  await get(kept.port, 'http://other.example/')
  await get(replaced.port, '/')
  await exchange(kept.port, ['GET / HTTP/1.0', BEARER])
  expect(api.seen.map((seen) => valuesOf(seen, 'host'))).toEqual([
    ['api.example'],
    ['inner.example'],
    [`127.0.0.1:${api.port}`],
  ])
})

test.each<{ method: string; fields: string[]; body: string; sees: object; because: string }>([
  {
    method: 'GET',
    fields: ['Content-Length: 3'],
    body: 'abc',
    sees: { body: 'abc', length: ['3'], coding: [] },
    because: 'GET may have a body',
  },
  {
    method: 'POST',
    fields: ['Transfer-Encoding: chunked'],
    body: '3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n',
    sees: { body: 'abcde', length: [], coding: ['chunked'] },
    because: 'chunks are framed anew, trailers dropped',
  },
  {
    method: 'POST',
    fields: ['Content-Length: 0'],
    body: '',
    sees: { body: '', length: ['0'], coding: [] },
    because: 'an empty body is a body',
  },
  {
    method: 'PUT',
    fields: ['Content-Length: 3', 'Connection: content-length'],
    body: 'abc',
    sees: { body: 'abc', length: [], coding: ['chunked'] },
    because: 'a length that Connection removes leaves chunks',
  },
  {
    method: 'DELETE',
    fields: [],
    body: '',
    sees: { body: '', length: [], coding: [] },
    because: 'no body stays none',
  },
])('$method: $because', async ({ method, fields, body, sees }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = [`${method} / HTTP/1.1`, 'Host: api.example', BEARER, ...fields]
  expect((await exchange(proxy.port, lines, body)).status).toBe(200)
  const [seen] = api.seen
  expect({
    body: seen?.body,
    length: valuesOf(seen, 'content-length'),
    coding: valuesOf(seen, 'transfer-encoding'),
  }).toEqual(sees)
})
