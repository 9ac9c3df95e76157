import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  exchange,
  fieldsNamed,
  listen,
  PAGE_TOKEN,
  policyOf,
  proxyBefore,
  readAll,
  readUntil,
  type Seen,
  seenOf,
  startUpstream,
  TOKEN,
  valuesOf,
} from './proxy-fixture.ts'

const HANDSHAKE = [
  'GET /live?room=1 HTTP/1.1',
  'Host: api.example',
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
]

const octets = (lines: readonly string[], rest = ''): string =>
  `${[...lines, '', ''].join('\r\n')}${rest}`

interface WebSocketUpstream extends AsyncDisposable {
  readonly port: number
  readonly seen: Seen[]
  /** The upstream's end of the connection whose handshake it accepts next. */
  readonly accepted: Promise<Socket>
}

/** An upstream that answers each handshake with these lines. */
async function webSocketUpstream(...lines: string[]): Promise<WebSocketUpstream> {
  const server = createHttpServer()
  const seen: Seen[] = []
  const accepted = new Promise<Socket>((resolve) => {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      seen.push(seenOf(request, head.toString('latin1')))
      socket.on('error', () => undefined)
      socket.on('end', () => socket.end())
      socket.write(
        octets(['HTTP/1.1 101 Go', 'Connection: Upgrade', 'Upgrade: websocket', ...lines]),
      )
      resolve(socket)
    })
  })
  const port = await listen(server)
  return {
    port,
    seen,
    accepted,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await Promise.resolve()
    },
  }
}

test('an allowed WebSocket is passed both ways, octet for octet', async () => {
  await using api = await webSocketUpstream('Sec-WebSocket-Accept: x', 'X-Hop: 1')
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, octets([...HANDSHAKE, BEARER], 'early'))
  const inner = await api.accepted
  const head = answeredOf(await readUntil(caller, '\r\n\r\n'))
  expect(head.statusLine).toBe('HTTP/1.1 101 Switching Protocols')
  expect(fieldsNamed(head, 'connection')).toEqual(['Upgrade'])
  expect(fieldsNamed(head, 'upgrade')).toEqual(['websocket'])
  expect(fieldsNamed(head, 'sec-websocket-accept')).toEqual(['x'])
  expect(await readUntil(inner, 'early')).toBe('early')
  inner.write('\u0081\u0003one', 'latin1')
  expect(await readUntil(caller, 'one')).toBe('\u0081\u0003one')
  caller.write('\u0000\u00ff', 'latin1')
  expect(await readUntil(inner, '\u00ff')).toBe('\u0000\u00ff')
  caller.end()
  await closed(inner)
  expect(proxy.observations).toMatchObject([{ path: '/live', verdict: { effect: 'allow' } }])
})

test('the upstream’s handshake has the field rules of every request', async () => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port)
  const forged = [
    'Keyfence_Owner: forged',
    'X-Forwarded-For: 1.2.3.4',
    'Connection: sec-x',
    'Sec-X: 1',
  ]
  const caller = await dial(proxy.port, octets([...HANDSHAKE, BEARER, ...forged]))
  await api.accepted
  const [seen] = api.seen
  expect(seen).toMatchObject({ method: 'GET', url: '/live?room=1' })
  expect(valuesOf(seen, 'connection')).toEqual(['upgrade'])
  expect(valuesOf(seen, 'upgrade')).toEqual(['websocket'])
  expect(valuesOf(seen, 'keyfence-owner')).toEqual(['acme:42'])
  expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  expect(valuesOf(seen, 'sec-websocket-key')).toEqual(['dGhlIHNhbXBsZSBub25jZQ=='])
  expect(valuesOf(seen, 'sec-x')).toEqual([])
  expect(JSON.stringify(seen)).not.toMatch(new RegExp(`forged|${TOKEN}`))
  caller.destroy()
})

test.each<{ offers: string[]; sees: string[]; answers: string[]; because: string }>([
  {
    offers: [`chat, keyfence.${TOKEN}, v2`],
    sees: ['chat, v2'],
    answers: [],
    because: 'the token goes, the rest stays',
  },
  {
    offers: [`keyfence.${TOKEN}, chat`],
    sees: ['chat'],
    answers: [],
    because: 'the upstream may choose what it saw, or nothing',
  },
  {
    offers: ['chat', `keyfence.${TOKEN}`],
    sees: ['chat'],
    answers: [],
    because: 'a line without anything left goes',
  },
  {
    offers: [`keyfence.${TOKEN}`],
    sees: [],
    answers: [`keyfence.${TOKEN}`],
    because: 'browsers want one of what they offered, and the upstream saw none',
  },
])('a token among the offered subprotocols: $because', async ({ offers, sees, answers }) => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port, { forwardToken: true })
  const lines = offers.map((offer) => `Sec-WebSocket-Protocol: ${offer}`)
  const caller = await dial(proxy.port, octets([...HANDSHAKE, ...lines]))
  const head = answeredOf(await readUntil(caller, '\r\n\r\n'))
  expect(valuesOf(api.seen[0], 'sec-websocket-protocol')).toEqual(sees)
  expect(fieldsNamed(head, 'sec-websocket-protocol')).toEqual(answers)
  caller.destroy()
})

test.each<{ fields: string[]; status: number; because: string }>([
  { fields: [], status: 401, because: 'no token' },
  { fields: ['Sec-WebSocket-Protocol: keyfence.other'], status: 401, because: 'unknown' },
  {
    fields: ['Origin: https://evil.example', `Sec-WebSocket-Protocol: keyfence.${PAGE_TOKEN}`],
    status: 403,
    because: 'another page',
  },
  {
    fields: [BEARER, `Sec-WebSocket-Protocol: keyfence.${PAGE_TOKEN}`],
    status: 401,
    because: 'two tokens',
  },
  { fields: [BEARER, 'Host: other'], status: 400, because: 'two hosts' },
])('a handshake is refused with $status: $because', async ({ fields, status }) => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, octets([...HANDSHAKE, ...fields], 'frames'))
  const answer = answeredOf(await readAll(caller))
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body)).toHaveProperty('error')
  expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
  expect(api.seen).toEqual([])
})

test('a handshake that the upstream refuses has its answer', async () => {
  await using api = await startUpstream((_request, response) =>
    response.writeHead(426, { 'X-Why': 'old', 'Content-Length': 3 }).end('old'),
  )
  await using proxy = await proxyBefore(api.port)
  const answer = answeredOf(await readAll(await dial(proxy.port, octets([...HANDSHAKE, BEARER]))))
  expect(answer).toMatchObject({ status: 426, body: 'old' })
  expect(fieldsNamed(answer, 'x-why')).toEqual(['old'])
})

test('a large refusal of the upstream comes through with backpressure', async () => {
  const body = 'x'.repeat(8 * 1024 * 1024)
  await using api = await startUpstream((_request, response) => response.writeHead(400).end(body))
  await using proxy = await proxyBefore(api.port)
  const answer = answeredOf(await readAll(await dial(proxy.port, octets([...HANDSHAKE, BEARER]))))
  expect(answer.body.length).toBeGreaterThan(body.length)
})

test('a handshake is 502 when nobody listens', async () => {
  const server = createHttpServer()
  const port = await listen(server)
  server.close()
  await using proxy = await proxyBefore(port)
  const answer = answeredOf(await readAll(await dial(proxy.port, octets([...HANDSHAKE, BEARER]))))
  expect(answer.status).toBe(502)
})

test.each<{ fields: string[]; body: string; because: string }>([
  {
    fields: ['GET / HTTP/1.1', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'],
    body: '',
    because: 'Java’s HttpClient offers h2c with every request',
  },
  {
    fields: ['POST / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3'],
    body: 'abc',
    because: 'POST opens no WebSocket',
  },
  {
    fields: ['POST / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 0'],
    body: '',
    because: 'POST opens none without a body either',
  },
  {
    fields: ['GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3'],
    body: 'abc',
    because: 'a body would be taken for frames',
  },
  { fields: ['GET / HTTP/1.1', 'Upgrade: websocket'], body: '', because: 'Connection says no' },
])('a plain request: $because', async ({ fields: [line = '', ...fields], body }) => {
  await using api = await startUpstream()
  await using proxy = await proxyBefore(api.port)
  const lines = [line, 'Host: api.example', ...fields, 'HTTP2-Settings: AAMAAABk']
  const refused = await exchange(proxy.port, lines, body)
  const allowed = await exchange(proxy.port, [...lines, BEARER], body)
  expect([refused.status, allowed.status]).toEqual([401, 200])
  expect(api.seen).toHaveLength(1)
  expect(api.seen[0]?.body).toBe(body)
  expect(valuesOf(api.seen[0], 'upgrade')).toEqual([])
  expect(valuesOf(api.seen[0], 'http2-settings')).toEqual([])
})

test('a handshake behind an unanswered request is not served', async () => {
  await using api = await startUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const first = octets(['GET / HTTP/1.1', 'Host: a', BEARER])
  const caller = await dial(proxy.port, `${first}${octets([...HANDSHAKE, BEARER])}`)
  expect(await readAll(caller)).toBe('')
})

/** Opens a WebSocket and gives both ends. */
async function openedWebSocket(
  api: WebSocketUpstream,
  port: number,
): Promise<{ caller: Socket; inner: Socket }> {
  const caller = await dial(port, octets([...HANDSHAKE, BEARER]))
  const inner = await api.accepted
  await readUntil(caller, '\r\n\r\n')
  return { caller, inner }
}

const CLOSE_1008_TO_CALLER = '\u0088\u0002\u0003\u00f0'
const CLOSE_1008_TO_UPSTREAM = '\u0088\u0082\0\0\0\0\u0003\u00f0'

test('a WebSocket whose token is no longer allowed is cut with 1008 on both sides', async () => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port)
  const { caller, inner } = await openedWebSocket(api, proxy.port)
  inner.write(
    `\u0081\u0003one\u0082\u007e\u0100\u0000${'x'.repeat(256 * 256)}`.slice(0, 5),
    'latin1',
  )
  await readUntil(caller, 'one')
  proxy.running.recheck('tok_1')
  expect(proxy.running.openExchanges).toBe(1)
  proxy.tokens.delete(TOKEN)
  proxy.running.recheck('tok_2')
  expect(proxy.observations).toHaveLength(1)
  proxy.running.recheck('tok_1')
  proxy.running.recheck('tok_1')
  expect(await readAll(caller)).toBe(CLOSE_1008_TO_CALLER)
  expect(await readAll(inner)).toBe(CLOSE_1008_TO_UPSTREAM)
  expect(proxy.observations.map(({ verdict }) => verdict.reason)).toEqual([
    'unrestricted',
    'token_unknown',
  ])
})

test('a WebSocket that outlives the drain time is cut with 1001', async () => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port)
  const { caller } = await openedWebSocket(api, proxy.port)
  const text = readAll(caller)
  await proxy.running.close({ drainMs: 20 })
  expect(await text).toBe('\u0088\u0002\u0003\u00e9')
})

test('a side in the middle of a frame is cut without a close frame', async () => {
  await using api = await webSocketUpstream()
  await using proxy = await proxyBefore(api.port)
  const { caller, inner } = await openedWebSocket(api, proxy.port)
  inner.write('\u0082\u007e\u0001\u0000begin', 'latin1')
  await readUntil(caller, 'begin')
  proxy.tokens.delete(TOKEN)
  proxy.running.recheck()
  expect(await readAll(caller)).toBe('')
  expect(await readAll(inner)).toBe(CLOSE_1008_TO_UPSTREAM)
})

test('a stream whose token is no longer allowed is broken off, others go on', async () => {
  await using api = await startUpstream((_request, response) => {
    response.write('begin')
  })
  await using proxy = await proxyBefore(api.port)
  const stream = async (token: string): Promise<Socket> =>
    dial(proxy.port, octets(['GET / HTTP/1.1', 'Host: a', `X-API-Key: ${token}`]))
  proxy.tokens.set('other', policyOf('tok_9'))
  const [cut, kept] = [await stream(TOKEN), await stream('other')]
  await readUntil(cut, 'begin')
  await readUntil(kept, 'begin')
  proxy.tokens.delete(TOKEN)
  proxy.running.recheck()
  await closed(cut)
  expect(proxy.running.openExchanges).toBe(1)
  kept.destroy()
})

test('a request whose token is revoked before its answer gets the refusal', async () => {
  await using api = await startUpstream(() => undefined)
  await using proxy = await proxyBefore(api.port)
  const caller = await dial(proxy.port, octets(['GET / HTTP/1.1', 'Host: a', BEARER]))
  await once(api.server, 'request')
  proxy.tokens.delete(TOKEN)
  proxy.running.recheck()
  expect(await readUntil(caller, '}')).toMatch(/^HTTP\/1.1 401 /)
  caller.destroy()
})
