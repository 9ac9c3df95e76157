import { createServer } from 'node:net'
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
  proxyBefore,
  readAll,
  readUntil,
  STALLED,
  standsStill,
  startUpstream,
} from './proxy-fixture.ts'
import { rawUpstream } from './raw-upstream-fixture.ts'

const POST = ['POST / HTTP/1.1', 'Host: api.example', BEARER]
const EXPECT = 'Expect: 100-continue'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

const request = (lines: readonly string[], body = ''): string =>
  `${[...lines, '', ''].join('\r\n')}${body}`

test('bodies that were announced and do not come keep no connection to the upstream', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port, { limits: { upstreamConnectionsMax: 2 } })
  const silent = await Promise.all(
    ['Content-Length: 4', 'Transfer-Encoding: chunked', `Content-Length: 4\r\n${EXPECT}`].map(
      async (line) => dial(proxy.port, request([...POST, line])),
    ),
  )
  await expect.poll(() => proxy.running.openExchanges).toBe(3)
  expect((await get(proxy.port, '/')).body).toBe('hello')
  silent[0]?.write('body')
  await readUntil(silent[0] ?? (await dial(proxy.port, '')), 'hello')
  expect(api.seen.map(({ body }) => body)).toEqual(['', 'body'])
  for (const caller of silent) caller.destroy()
})

test('a caller that leaves before its body begins leaves nothing', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 4']))
  await expect.poll(() => proxy.running.openExchanges).toBe(1)
  caller.destroy()
  await expect.poll(() => proxy.running.openExchanges).toBe(0)
  expect([api.seen, proxy.logged]).toEqual([[], []])
})

test('a token that ends before its body begins is refused, and the upstream not asked', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 4']))
  await expect.poll(() => proxy.running.openExchanges).toBe(1)
  proxy.tokens.clear()
  proxy.running.recheck(undefined)
  caller.write('body')
  expect(await readAll(caller)).toMatch(/^HTTP\/1\.1 401 /)
  expect(api.seen).toEqual([])
})

test('what breaks once a body begins is 502, and does not end the process', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 4']))
  await expect.poll(() => proxy.running.openExchanges).toBe(1)
  Object.defineProperty(proxy.context.settings, 'timeouts', {
    get: () => {
      throw new Error('broken')
    },
  })
  caller.write('body')
  expect(await readAll(caller)).toMatch(/^HTTP\/1\.1 502 /)
  expect(proxy.logged).toMatchObject([{ reason: 'Error: broken' }])
})

test.each<{ framing: string; begun: string; body: string }>([
  { framing: 'Content-Length: 9', begun: 'begin', body: 'of known length' },
  { framing: 'Transfer-Encoding: chunked', begun: '5\r\nbegin\r\n', body: 'in chunks' },
])('408 for a body $body of which nothing more comes', async ({ framing, begun }) => {
  await using api = await rawUpstream((socket) => socket.resume())
  await using proxy = await proxyBefore(api.port, { timeouts: { callerStalledMs: 100 } })
  const caller = await dial(proxy.port, request([...POST, framing], begun))
  expect(await readAll(caller)).toMatch(/^HTTP\/1\.1 408 /)
  expect(proxy.logged).toEqual([])
  await expect.poll(() => api.sockets.map((socket) => socket.destroyed)).toEqual([true])
})

test.each<{ octets: string; because: string }>([
  { octets: '', because: 'says nothing' },
  { octets: 'HTTP/1.1 102 Processing\r\n\r\n', because: 'says that it works on it' },
])('504 for an upstream that takes no more of an upload and $because', async ({ octets }) => {
  await using api = await rawUpstream((socket) => {
    socket.once('data', () => socket.pause())
  })
  await using proxy = await proxyBefore(api.port, { timeouts: { upstreamResponseMs: 3000 } })
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 100000000']))
  const block = Buffer.alloc(1_000_000)
  let sent = 0
  const write = (): void => {
    while (!caller.destroyed && caller.write(block)) sent++
    caller.once('drain', write)
  }
  write()
  await expect
    .poll(
      standsStill(() => sent),
      STALLED,
    )
    .toBe(true)
  api.sockets[0]?.write(octets)
  expect(await readUntil(caller, '}')).toMatch(/^HTTP\/1\.1 504 /)
  caller.destroy()
})

test('what an upstream says before it closes in the middle of an upload reaches the caller', async () => {
  await using api = await rawUpstream((socket) => {
    socket.once('data', () => {
      socket.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nmuch')
      // As servers do that read no more: what still comes is answered with a reset.
      socket.destroySoon()
    })
  })
  await using proxy = await proxyBefore(api.port)
  for (let count = 0; count < 20; count++) {
    const text = await exchange(proxy.port, [...POST, 'Content-Length: 8000000'], BODY)
    expect(text).toMatchObject({ status: 413, body: 'much' })
  }
})

const BODY = 'x'.repeat(8_000_000)

test('Expect: 100-continue is answered once the request may pass', async () => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = [...POST, 'Content-Length: 3', EXPECT]
  const caller = await dial(proxy.port, request(lines))
  expect(await readUntil(caller, '\r\n\r\n')).toBe(CONTINUE)
  caller.write('abc')
  expect(await readUntil(caller, 'hello')).toContain('200 OK')
  expect(api.seen[0]?.body).toBe('abc')
  caller.destroy()
})

test.each<{ lines: string[]; status: string; because: string }>([
  { lines: ['POST / HTTP/1.1', 'Host: a'], status: '401', because: 'without a token' },
  { lines: [...POST, 'Host: b'], status: '400', because: 'with two hosts' },
])('Expect: 100-continue $because gets $status in place of 100', async ({ lines, status }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const expecting = [...lines, 'Content-Length: 3', EXPECT]
  const text = await readAll(await dial(proxy.port, request(expecting)))
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(text).toMatch(/connection: close/i)
  expect(api.seen).toEqual([])
})

test('Expect: 100-continue gets 502 behind its body when nobody listens', async () => {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await using proxy = await proxyBefore(port)
  const caller = await dial(proxy.port, request([...POST, 'Content-Length: 3', EXPECT]))
  expect(await readUntil(caller, '\r\n\r\n')).toBe(CONTINUE)
  caller.write('abc')
  const answer = answeredOf(await readAll(caller))
  expect([answer.status, fieldsNamed(answer, 'connection')]).toEqual([502, ['close']])
  await closed(caller)
})
