import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { createServer, type Server, Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  exchange,
  get,
  listen,
  proxyBefore,
  readAll,
  readUntil,
  STALLED,
  standsStill,
  startUpstream,
  TOKEN,
  untilIdle,
} from '../proxy-fixture.ts'
import { rawUpstream } from '../raw-upstream-fixture.ts'

interface ScriptedUpstream extends AsyncDisposable {
  readonly port: number
  readonly server: Server
  /** Its connections, in the order of their coming. */
  readonly sockets: Socket[]
  /** The request heads that came, each with the number of its connection. */
  readonly heads: string[]
}

/** An upstream that answers each head with these octets; `undefined`: not at all. */
async function scripted(
  answer: (head: string, socket: Socket) => string | undefined,
): Promise<ScriptedUpstream> {
  const heads: string[] = []
  let count = 0
  const api = await rawUpstream((socket) => {
    const number = ++count
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const head = received.slice(0, end)
        received = received.slice(end + 4).replace(/^body/, '')
        heads.push(`${number}: ${head.slice(0, head.indexOf(' HTTP'))}`)
        const octets = answer(head, socket)
        if (octets !== undefined) socket.write(octets, 'latin1')
      }
    })
  })
  return { ...api, heads }
}

const okay = (body: string, ...lines: string[]): string =>
  ['HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...lines, '', body].join('\r\n')
/** Answers with the path of the request. */
const echo = (head: string): string => okay(head.split(' ')[1] ?? '')
const request = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', BEARER, ...lines, '', ''].join('\r\n')

const POISON = okay('poison')
const CHUNKS = 'Transfer-Encoding: chunked'

test.each<{ octets: string; line?: string; more?: string[]; connections: number; because: string }>(
  [
    { octets: okay('one'), connections: 1, because: 'its length was announced' },
    {
      octets: `HTTP/1.1 200 OK\r\n${CHUNKS}\r\n\r\n3\r\none\r\n0\r\n\r\n`,
      connections: 1,
      because: 'its last chunk came',
    },
    { octets: 'HTTP/1.1 204 No Content\r\n\r\n', connections: 1, because: 'there is no body' },
    {
      octets: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\none',
      connections: 1,
      because: 'HTTP/1.0 said that it stays',
    },
    { octets: okay('one', 'Keep-Alive: timeout=9'), connections: 1, because: 'it stays for 9 s' },
    {
      octets: okay('one'),
      line: 'POST',
      more: ['Content-Length: 4'],
      connections: 1,
      because: 'POST',
    },
    {
      octets: okay('one'),
      line: 'POST',
      more: ['Content-Length: 999'],
      connections: 2,
      because: 'the rest of an upload may follow',
    },
    { octets: okay('one', 'Connection: close'), connections: 2, because: 'it said that it closes' },
    {
      octets: 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\none',
      connections: 2,
      because: 'HTTP/1.0 closes',
    },
    {
      octets: okay('one', 'Keep-Alive: timeout=2'),
      connections: 2,
      because: 'it closes any moment',
    },
    { octets: `${okay('one')}x`, connections: 2, because: 'an octet too many' },
    { octets: `${okay('one')}${POISON}`, connections: 2, because: 'an answer too many' },
    {
      octets: `HTTP/1.1 200 OK\r\n${CHUNKS}\r\n\r\n3\r\none\r\n0\r\n\r\n${POISON}`,
      connections: 2,
      because: 'an answer behind the chunks',
    },
    {
      octets: `HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n`,
      connections: 2,
      because: 'a body may follow that 304 cannot have',
    },
    {
      octets: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
      line: 'HEAD',
      connections: 2,
      because: 'a body may follow that HEAD cannot have',
    },
    {
      octets: okay('one'),
      line: 'GET',
      more: ['Content-Length: 4'],
      connections: 2,
      because: 'a server may not know that GET had a body',
    },
  ],
)('after an answer the next request finds connection $connections: $because', async (row) => {
  const { octets, line = 'GET', more = [], connections } = row
  await using api = await scripted((head) => (head.includes(' /1 ') ? octets : echo(head)))
  await using proxy = await proxyBefore(api.port)
  const lines = [`${line} /1 HTTP/1.1`, 'Host: a', BEARER, ...more]
  await exchange(proxy.port, lines, more.length > 0 ? 'body' : '')
  expect((await get(proxy.port, '/2')).body).toBe('/2')
  expect(api.sockets).toHaveLength(connections)
  expect(proxy.logged).toEqual([])
})

test.each<{ speak: (socket: Socket) => void; because: string }>([
  { speak: (socket) => socket.write(POISON), because: 'an answer that nobody asked for' },
  { speak: (socket) => socket.write('x'), because: 'an octet that nobody asked for' },
  { speak: (socket) => socket.end(), because: 'its end' },
  { speak: (socket) => socket.resetAndDestroy(), because: 'a reset' },
])('what an idle connection says is no answer to the next request: $because', async ({ speak }) => {
  await using api = await scripted(echo)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request('/1'))
  await readUntil(caller, '\r\n\r\n/1')
  const [inner] = api.sockets
  if (inner !== undefined) speak(inner)
  caller.write(request('/2'))
  expect(await readUntil(caller, '\r\n\r\n/')).toMatch(/\r\n\r\n\/2$/)
  expect(api.heads).toEqual(['1: GET /1', '2: GET /2'])
  caller.destroy()
})

test('the connection used last is used next', async () => {
  const waiting = new Map<string, Socket>()
  await using api = await scripted((head, socket) => {
    const path = head.split(' ')[1] ?? ''
    if (path.startsWith('/kept')) return echo(head)
    waiting.set(path, socket)
    return undefined
  })
  await using proxy = await proxyBefore(api.port)
  const answers = ['/a', '/b', '/c'].map(async (path) => get(proxy.port, path))
  await expect.poll(() => waiting.size).toBe(3)
  for (const path of ['/a', '/c', '/b']) {
    waiting.get(path)?.write(okay(path))
    await Promise.any(answers)
    await expect.poll(() => proxy.running.openExchanges).toBeLessThan(3)
  }
  await Promise.all(answers)
  await untilIdle(proxy)
  const last = api.sockets.indexOf(waiting.get('/b') ?? new Socket()) + 1
  for (let count = 0; count < 3; count++) await get(proxy.port, '/kept')
  expect(api.heads.slice(3)).toEqual(Array.from({ length: 3 }, () => `${last}: GET /kept`))
})

test('what finds no free connection waits in order, but for callers that leave', async () => {
  let first: Socket | undefined
  await using api = await scripted((head, socket) => {
    if (!head.includes(' /1 ')) return echo(head)
    first = socket
    return undefined
  })
  await using proxy = await proxyBefore(api.port, { limits: { upstreamConnectionsMax: 1 } })
  const callers: Socket[] = []
  for (const path of ['/1', '/2', '/3', '/4']) {
    callers.push(await dial(proxy.port, request(path, 'Connection: close')))
    await expect.poll(() => proxy.running.openExchanges).toBe(callers.length)
  }
  callers[1]?.destroy()
  await expect.poll(() => proxy.running.openExchanges).toBe(3)
  first?.write(okay('/1'))
  for (const at of [0, 2, 3]) {
    const caller = callers[at]
    if (caller !== undefined) expect(await readAll(caller)).toContain(`\r\n\r\n/${at + 1}`)
  }
  expect(api.heads).toEqual(['1: GET /1', '1: GET /3', '1: GET /4'])
})

test('of those that wait, each tries a connection of its own where none can be had', async () => {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await using proxy = await proxyBefore(port, { limits: { upstreamConnectionsMax: 1 } })
  const answers = await Promise.all(['/1', '/2', '/3'].map(async (path) => get(proxy.port, path)))
  expect(answers.map(({ status }) => status)).toEqual([502, 502, 502])
  const logged = { code: 'connect_failed', reason: expect.stringContaining('ECONNREFUSED') }
  expect(proxy.logged).toMatchObject([logged, logged, logged])
})

test.each<{ octets: string; because: string }>([
  { octets: 'HTTP/1.1 200 OK\r\n\r\nbegin', because: 'that ends with the connection' },
  { octets: okay('begin and end').slice(0, -8), because: 'of known length' },
])('a reset in the middle of an answer $because is no end of it', async ({ octets }) => {
  await using api = await scripted(() => octets)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, request('/'))
  const begun = await readUntil(caller, 'begin')
  api.sockets[0]?.resetAndDestroy()
  expect(answeredOf(begun + (await readAll(caller))).body).not.toMatch(/0\r\n\r\n$/)
  expect(proxy.logged).toMatchObject([{ code: 'response_incomplete' }])
})

test('an idle connection is let go before the upstream would', async () => {
  await using api = await scripted(() => okay('one', 'Keep-Alive: timeout=3'))
  await using proxy = await proxyBefore(api.port)
  await get(proxy.port, '/')
  const answeredAt = performance.now()
  const [inner] = api.sockets
  if (inner !== undefined) await closed(inner)
  expect(performance.now() - answeredAt).toBeGreaterThan(900)
  expect(performance.now() - answeredAt).toBeLessThan(2900)
})

/** Octets that tell where they belong: which stream, and where in it. */
function pattern(stream: number, length: number): Buffer {
  const octets = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) octets.writeUInt32LE((stream << 24) | (at >> 2), at)
  return octets
}

test('answers to readers of any speed keep their octets to themselves', async () => {
  const LENGTH = 12 * 1024 * 1024
  const PIECE = 20_000
  const sent = new Map<number, number>()
  await using api = await startUpstream((incoming, response) => {
    const stream = Number(incoming.url?.slice(1))
    const body = pattern(stream, LENGTH)
    if (stream % 2 === 0) response.setHeader('Content-Length', LENGTH)
    // Pieces short enough that more of them is read while one still waits to be written.
    const write = (at: number): void => {
      sent.set(stream, at)
      if (at >= LENGTH) response.end()
      else if (response.write(body.subarray(at, at + PIECE))) setImmediate(write, at + PIECE)
      else response.once('drain', () => write(at + PIECE))
    }
    write(0)
  })
  await using proxy = await proxyBefore(api.port)
  const read = async (stream: number): Promise<Buffer> => {
    const outgoing = httpRequest({ port: proxy.port, path: `/${stream}`, agent: false })
    outgoing.setHeader('X-API-Key', TOKEN).end()
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage] // what it is for
    const parts: Buffer[] = []
    let burst = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      parts.push(part)
      burst += part.length
      if (burst < 1_500_000) continue
      // Meanwhile all that lies between here and the API fills up.
      burst = 0
      await expect
        .poll(
          standsStill(() => sent.get(stream)),
          STALLED,
        )
        .toBe(true)
    }
    return Buffer.concat(parts)
  }
  const streams = [1, 2, 3, 4, 5, 6]
  const bodies = await Promise.all(streams.map(read))
  expect(bodies.map((body, at) => body.equals(pattern(streams[at] ?? 0, LENGTH)))).toEqual(
    streams.map(() => true),
  )
})

test('a WebSocket on a connection that has served before is passed on with backpressure', async () => {
  const frames = pattern(7, 4 * 1024 * 1024)
  const echoed: Buffer[] = []
  await using api = await scripted((head, socket) => {
    if (!head.includes('websocket')) return echo(head)
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => echoed.push(chunk))
    const accepted = 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    socket.write(Buffer.concat([Buffer.from(accepted), frames]))
    return undefined
  })
  await using proxy = await proxyBefore(api.port)
  expect((await get(proxy.port, '/1')).body).toBe('/1')
  const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x']
  const caller = await dial(proxy.port, request('/2', ...lines))
  caller.pause()
  await expect.poll(() => api.heads).toEqual(['1: GET /1', '1: GET /2'])
  caller.write(frames)
  await expect.poll(() => Buffer.concat(echoed).equals(frames), { timeout: 5000 }).toBe(true)
  const received: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve) => {
    caller.on('data', (chunk: Buffer) => {
      received.push(chunk)
      length += chunk.length
      if (length > frames.length) resolve()
    })
    caller.resume()
  })
  await expect
    .poll(() => Buffer.concat(received).subarray(-frames.length).equals(frames))
    .toBe(true)
  caller.destroy()
})
