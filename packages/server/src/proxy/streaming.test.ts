import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  exchange,
  fieldsNamed,
  get,
  listen,
  nextConnection,
  proxyBefore,
  readAll,
  readUntil,
  startUpstream,
  TOKEN,
  untilIdle,
} from './proxy-fixture.ts'
import { rawUpstream } from './raw-upstream-fixture.ts'

const POST = ['POST / HTTP/1.1', 'Host: api.example', BEARER]

const request = (lines: readonly string[], body = ''): string =>
  `${[...lines, '', ''].join('\r\n')}${body}`

const pipelined = (path: string, ...fields: string[]): string =>
  request([`GET ${path} HTTP/1.1`, 'Host: a', ...fields])

test('server-sent events leave at once, the header section before the first', async () => {
  let events: ServerResponse | undefined
  await using api = await startUpstream((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    events = response
  })
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
  expect(await readUntil(caller, '\r\n\r\n')).toContain('text/event-stream')
  events?.write('data: 1\n\n')
  expect(await readUntil(caller, 'data: 1')).toBeDefined()
  events?.write('data: 2\n\n')
  expect(await readUntil(caller, 'data: 2')).toBeDefined()
  caller.destroy()
})

test('an upload streams: the upstream has its beginning before the caller sends its end', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const lines = [...POST, 'Transfer-Encoding: chunked']
  const caller = await dial(proxy.port, request(lines, '5\r\nfirst\r\n'))
  const inner = await nextConnection(api.server)
  expect(await readUntil(inner, 'first')).toMatch(/transfer-encoding: chunked/i)
  caller.write('6\r\nsecond\r\n0\r\n\r\n')
  await readUntil(inner, '0\r\n\r\n')
  inner.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  expect(await readUntil(caller, 'ok')).toContain('200 OK')
  caller.destroy()
})

test('a caller that leaves ends the upstream’s request', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
  const inner = await nextConnection(api.server)
  await readUntil(inner, '\r\n\r\n')
  caller.destroy()
  await closed(inner)
  expect(proxy.running.openExchanges).toBe(0)
  expect(proxy.logged).toEqual([])
})

test('callers that leave in any order leave nothing open', async () => {
  await using api = await startUpstream((_request, response) => {
    response.write('begin')
  })
  await using proxy = await proxyBefore(api.port)
  const callers: Socket[] = []
  for (let count = 1; count <= 4; count++) {
    const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
    await readUntil(caller, 'begin')
    callers.push(caller)
    expect(proxy.running.openExchanges).toBe(count)
  }
  for (const at of [0, 3, 1, 2]) {
    const caller = callers[at]
    caller?.destroy()
    if (caller !== undefined) await closed(caller)
  }
  await untilIdle(proxy)
})

test('a caller that leaves in the middle of an answer ends the upstream’s request', async () => {
  await using api = await rawUpstream((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin')),
  )
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
  await readUntil(caller, 'begin')
  caller.destroy()
  await closed(api.sockets[0] ?? caller)
  expect(proxy.logged).toEqual([])
})

test('a caller that leaves in the middle of an upload ends the upstream’s request', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 9'], 'begin'))
  const inner = await nextConnection(api.server)
  await readUntil(inner, 'begin')
  caller.destroy()
  await closed(inner)
  expect(proxy.logged).toEqual([])
})

test.each<{ bytes: number; isChunked: boolean; because: string }>([
  { bytes: 256, isChunked: false, because: 'short, with its length: joined to the header section' },
  { bytes: 256, isChunked: true, because: 'short, in chunks' },
  { bytes: 8192, isChunked: false, because: 'the longest that is joined' },
  { bytes: 8193, isChunked: false, because: 'one octet longer' },
  { bytes: 100_000, isChunked: true, because: 'in several pieces' },
])('a body of any octets arrives as it was sent: $because', async ({ bytes, isChunked }) => {
  const body = Buffer.from(Array.from({ length: bytes }, (_, at) => at % 256))
  await using api = await startUpstream((_request, response) => {
    if (!isChunked) response.setHeader('Content-Length', bytes)
    response.end(body)
  })
  await using proxy = await proxyBefore(api.port)
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(body.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
})

test.each<{ octets: string; because: string }>([
  { octets: '', because: 'it closes without an answer' },
  { octets: 'HTTP/1.1 200 OK\r\nContent-', because: 'it closes in the header section' },
  { octets: 'SSH-2.0-OpenSSH\r\n', because: 'it does not speak HTTP' },
  {
    octets: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    because: 'two framings',
  },
  {
    octets: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    because: 'two lengths',
  },
  { octets: 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', because: 'unasked 101' },
  { octets: 'HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n', because: 'no status' },
])('502 when the upstream fails: $because', async ({ octets }) => {
  await using api = await rawUpstream((socket) => socket.once('data', () => socket.end(octets)))
  await using proxy = await proxyBefore(api.port)
  const answer = await get(proxy.port, '/', 'Origin: https://shop.example')
  expect(answer).toMatchObject({ status: 502, body: '{"error":"The upstream cannot be reached."}' })
  expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
  expect(fieldsNamed(answer, 'vary')).toEqual(['Origin'])
  expect(fieldsNamed(answer, 'cache-control')).toEqual(['no-store'])
  expect(fieldsNamed(answer, 'keyfence-request-id')).toEqual(['request-1'])
  expect(proxy.logged).toMatchObject([{ requestId: 'request-1', message: 'upstream failed' }])
})

test.each<{ fields: string[]; body: string }>([
  { fields: [], body: '' },
  { fields: ['Content-Length: 9'], body: 'unfinishe' },
])('502 when nobody listens, with a body of $body', async ({ fields, body }) => {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await using proxy = await proxyBefore(port)
  expect((await exchange(proxy.port, [...POST, ...fields], body)).status).toBe(502)
})

test.each<{ head: string; body: string }>([
  { head: 'Content-Length: 9', body: 'begin' },
  { head: 'Transfer-Encoding: chunked', body: '5\r\nbegin\r\n' },
])('half an answer ($head) never looks whole', async ({ head, body }) => {
  await using api = await rawUpstream((socket) =>
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`)),
  )
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
  const begun = await readUntil(caller, 'begin')
  api.sockets[0]?.destroy()
  const answer = answeredOf(begun + (await readAll(caller)))
  expect(answer.status).toBe(200)
  expect(answer.body).toBe(body)
})

test('half an answer to HTTP/1.0, which ends with the connection, is a reset', async () => {
  await using api = await rawUpstream((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n'),
    ),
  )
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request(['GET / HTTP/1.0', BEARER]))
  await readUntil(caller, 'begin')
  const failed = once(caller, 'error')
  api.sockets[0]?.destroy()
  caller.resume()
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
})

test.each<{ timeouts: object; octets: string; because: string }>([
  { timeouts: { upstreamResponseMs: 50 }, octets: '', because: 'no answer in time' },
  {
    timeouts: { upstreamResponseMs: 50 },
    octets: 'HTTP/1.1 200 OK\r\n',
    because: 'no whole header section in time',
  },
])('504: $because', async ({ timeouts, octets }) => {
  await using api = await rawUpstream((socket) => socket.once('data', () => socket.write(octets)))
  await using proxy = await proxyBefore(api.port, { timeouts })
  const answer = await get(proxy.port, '/')
  expect(answer.status).toBe(504)
  expect(JSON.parse(answer.body)).toHaveProperty('error')
})

test('504 when no upstream connection becomes free in time, and the pool goes on', async () => {
  await using api = await rawUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port, {
    limits: { upstreamConnectionsMax: 1 },
    timeouts: { upstreamResponseMs: 300 },
  })
  const first = await dial(proxy.port, request(['GET /1 HTTP/1.1', 'Host: a', BEARER]))
  const inner = await nextConnection(api.server)
  await readUntil(inner, '\r\n\r\n')
  inner.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
  expect((await get(proxy.port, '/2')).status).toBe(504)
  inner.write('ok')
  await readUntil(first, 'ok')
  const third = get(proxy.port, '/3')
  expect(await readUntil(inner, '\r\n\r\n')).toContain('GET /3 ')
  inner.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  expect((await third).status).toBe(200)
  expect(api.sockets).toHaveLength(1)
  first.destroy()
})

test('an answer that stalls is broken off by setting', async () => {
  await using api = await rawUpstream((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin')),
  )
  await using proxy = await proxyBefore(api.port, { timeouts: { upstreamIdleMs: 50 } })
  expect((await get(proxy.port, '/')).body).toBe('begin')
})

test('a caller that takes nothing of an answer is cut by setting', async () => {
  await using api = await startUpstream((_request, response) => {
    response.write(Buffer.alloc(64 * 1024 * 1024))
  })
  await using proxy = await proxyBefore(api.port, { timeouts: { callerStalledMs: 100 } })
  const caller = await dial(proxy.port, request(['GET / HTTP/1.1', 'Host: a', BEARER]))
  caller.pause()
  const inner = await nextConnection(api.server)
  await closed(inner)
  expect(proxy.running.openExchanges).toBe(0)
  caller.destroy()
})

test('any other expectation is not met', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  expect((await get(proxy.port, '/', 'Expect: 200-ok')).status).toBe(417)
  expect(api.seen).toEqual([])
})

test('a refused upload is answered without being read, and its connection closed', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1000000']
  const answer = answeredOf(await readAll(await dial(proxy.port, request(lines, 'begin'))))
  expect(answer.status).toBe(401)
  expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
})

test('an answer before the end of the upload reaches the caller and closes its connection', async () => {
  await using api = await rawUpstream((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch'),
    ),
  )
  await using proxy = await proxyBefore(api.port)
  const lines = [...POST, 'Content-Length: 1000000']
  const answer = answeredOf(await readAll(await dial(proxy.port, request(lines, 'begin'))))
  expect(answer).toMatchObject({ status: 413, body: 'much' })
  expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
})

test('a kept connection serves request after request', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = ['GET / HTTP/1.1', 'Host: a', BEARER]
  const caller = await dial(proxy.port, request(lines))
  await readUntil(caller, 'hello')
  caller.write(request(['GET / HTTP/1.1', 'Host: a']))
  await readUntil(caller, '401')
  caller.write(request([...lines, 'Connection: close']))
  expect(await readAll(caller)).toContain('hello')
  expect(api.seen).toHaveLength(2)
})

test('pipelined requests are answered in order, one after another', async () => {
  await using api = await startUpstream((incoming, response) => response.end(incoming.url))
  await using proxy = await proxyBefore(api.port)
  const octets = `${pipelined('/1', BEARER)}${pipelined('/2')}${pipelined('/3', BEARER, 'Connection: close')}`
  const text = await readAll(await dial(proxy.port, octets))
  expect(text.match(/HTTP\/1.1 \d+|\/\d$/gm)).toEqual([
    'HTTP/1.1 200',
    'HTTP/1.1 401',
    'HTTP/1.1 200',
    '/3',
  ])
  expect(api.seen.map(({ url }) => url)).toEqual(['/1', '/3'])
})
