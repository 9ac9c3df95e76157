import { expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  fieldsNamed,
  get,
  proxyBefore,
  readAll,
  readUntil,
  startUpstream,
  untilIdle,
} from './proxy-fixture.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
const WITH_TOKEN = `${BEARER}\r\n`

test.each<{ octets: string; status: number; because: string }>([
  { octets: '\r\nx\r\n\r\n', status: 400, because: 'no request line' },
  { octets: '\u0016\u0003\u0001\u0002\u0000', status: 400, because: 'TLS on a plain port' },
  { octets: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400, because: 'HTTP/2 without upgrade' },
  { octets: `${GET}${WITH_TOKEN}Host: b\r\n\r\n`, status: 400, because: 'two hosts' },
  { octets: `${GET}${WITH_TOKEN}Host: a\r\n\r\n`, status: 400, because: 'the same host twice' },
  { octets: `GET / HTTP/1.1\r\n${WITH_TOKEN}\r\n`, status: 400, because: 'no host' },
  {
    octets: `GET / HTTP/1.1\r\nHost: a b\r\n${WITH_TOKEN}\r\n`,
    status: 400,
    because: 'no host name',
  },
  {
    octets: `GET / HTTP/1.1\r\nHost: a/b\r\n${WITH_TOKEN}\r\n`,
    status: 400,
    because: 'a path in it',
  },
  {
    octets: `GET / HTTP/1.1\r\nHost: u@a\r\n${WITH_TOKEN}\r\n`,
    status: 400,
    because: 'a user in it',
  },
  {
    octets: `${POST}${WITH_TOKEN}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'two framings',
  },
  {
    octets: `${POST}${WITH_TOKEN}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    status: 400,
    because: 'two lengths',
  },
  {
    octets: `${POST}${WITH_TOKEN}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'a blank before the colon',
  },
  {
    octets: `${POST}${WITH_TOKEN}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'a coding that would be dropped',
  },
  {
    octets: `${POST}${WITH_TOKEN}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'the same in two lines',
  },
  {
    octets: `POST / HTTP/1.0\r\n${WITH_TOKEN}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'chunks in HTTP/1.0',
  },
  {
    octets: `${POST}${WITH_TOKEN}Content-Length: 9007199254740993\r\n\r\n`,
    status: 400,
    because: 'a length that nobody can count to',
  },
  {
    octets: `${POST}${WITH_TOKEN}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
    status: 400,
    because: 'chunked is not last',
  },
  {
    octets: `${POST}${WITH_TOKEN}Content-Length: +3\r\n\r\nabc`,
    status: 400,
    because: 'a length with a sign',
  },
  { octets: `${GET}${WITH_TOKEN}X: a\r\n b\r\n\r\n`, status: 400, because: 'a folded line' },
  { octets: `${GET}${WITH_TOKEN}X: a\u0000b\r\n\r\n`, status: 400, because: 'NUL in a value' },
  { octets: `GET / HTTP/1.1\nHost: a\n${BEARER}\n\n`, status: 400, because: 'bare line feeds' },
  {
    octets: `${POST}${WITH_TOKEN}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    status: 400,
    because: 'no chunk size',
  },
  {
    octets: `${GET}X: ${'x'.repeat(20_000)}\r\n\r\n`,
    status: 431,
    because: 'a header section over the limit',
  },
  {
    octets: `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    status: 431,
    because: 'a request line over the limit',
  },
  {
    octets: `${GET}${WITH_TOKEN}${'a: b\r\n'.repeat(200)}\r\n`,
    status: 431,
    because: 'more fields than allowed, none of them dropped in silence',
  },
])('$status: $because', async ({ octets, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, octets)
  caller.end()
  const answer = answeredOf(await readAll(caller))
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body)).toHaveProperty('error')
  expect(fieldsNamed(answer, 'content-type')).toEqual(['application/json'])
  expect(fieldsNamed(answer, 'cache-control')).toEqual(['no-store'])
  expect(api.seen).toEqual([])
  expect((await get(proxy.port, '/')).status).toBe(200)
})

test('a refused body that turns out to be malformed gets one answer', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const text = await readAll(
    await dial(proxy.port, `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`),
  )
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401'])
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s is a name like any other',
  async (name) => {
    await using api = await startUpstream()
    await using proxy = await proxyBefore(api.port, { judge: { tokenQuery: name } })
    const answer = await get(proxy.port, `/${name}?${name}`, `${name}: x`, `Connection: ${name}`)
    expect(answer.status).toBe(200)
    expect(api.seen[0]?.url).toBe(`/${name}`)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  },
)

test('a header section that drips is cut with 408', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { timeouts: { headersMs: 100 } })
  const answer = answeredOf(await readAll(await dial(proxy.port, GET)))
  expect(answer.status).toBe(408)
  expect(JSON.parse(answer.body)).toHaveProperty('error')
})

test('an upload that takes longer than the setting is cut with 408', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, {
    timeouts: { headersMs: 100, requestMs: 200 },
  })
  const caller = await dial(proxy.port, `${POST}${WITH_TOKEN}Content-Length: 9\r\n\r\nbegin`)
  expect(answeredOf(await readAll(caller)).status).toBe(408)
  await closed(caller)
  expect(proxy.running.openExchanges).toBe(0)
})

test('garbage behind a request never gets into its answer', async () => {
  await using api = await startUpstream((_request, response) => {
    response.writeHead(200, { 'Content-Length': 9 }).write('begin')
  })
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, `${GET}${WITH_TOKEN}\r\n`)
  const begun = await readUntil(caller, 'begin')
  caller.write('garbage\r\n\r\n')
  const text = begun + (await readAll(caller))
  expect(text.split('HTTP/1.1 ')).toHaveLength(2)
  expect(text).not.toContain('400')
})

test.each<{ octets: string; because: string }>([
  { octets: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', because: 'a tunnel' },
  { octets: `${POST}Expect: more\r\n\r\n`, because: 'an expectation' },
])('$because behind an unanswered request never gets into its answer', async ({ octets }) => {
  await using api = await startUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  expect(await readAll(await dial(proxy.port, `${GET}${WITH_TOKEN}\r\n${octets}`))).toBe('')
})

test('connections beyond the limit are not served', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { limits: { connectionsMax: 1 } })
  const first = await dial(proxy.port, GET)
  const second = await dial(proxy.port, `${GET}\r\n`)
  expect(await readAll(second)).toBe('')
  first.destroy()
})

test('a caller that pipelines without end is cut', async () => {
  await using api = await startUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, `${GET}${WITH_TOKEN}\r\n`.repeat(200))
  expect(await readAll(caller)).toBe('')
  expect(proxy.observations).toHaveLength(1)
  await untilIdle(proxy)
})
