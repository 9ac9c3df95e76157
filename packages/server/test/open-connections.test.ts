/** What is open is judged again on a real node (spec §8.1), and cut within five seconds. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askFor, type Listening, type NodeProcess, startNodeProcess } from './crash/node-process.ts'

const CUT_MS = 5000
const CLOSE_1008 = '\u0088\u0002\u0003\u00f0'
const ORIGIN = 'https://shop.com'
const OFF = { enabled: false, entries: [] }
const on = (domain: string) => ({ enabled: true, entries: [domain] })

let api: Server
let folder: string
let node: NodeProcess
let listening: Listening

beforeAll(async () => {
  api = createServer((_request, response) => response.write('begin'))
  api.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(`HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${ACCEPT}\r\n\r\n`)
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  folder = mkdtempSync(join(tmpdir(), 'keyfence-open-'))
  const { port } = api.address() as AddressInfo // it listens on TCP
  node = startNodeProcess({ folder, upstreamPort: port })
  listening = await node.ready()
})

afterAll(async () => {
  await node.stop('SIGKILL')
  api.closeAllConnections()
  api.close()
  rmSync(folder, { recursive: true, force: true })
})

// The pair of RFC 6455 §1.3.
const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const ACCEPT = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** An open connection of a page on shop.com, once its beginning has come. */
async function opened(token: string, lines: readonly string[], beginning: string) {
  const { hostname, port } = new URL(listening.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => socket.destroy())
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  const fields = ['Host: a', `Origin: ${ORIGIN}`, `X-API-Key: ${token}`, ...lines]
  socket.write(['GET /live HTTP/1.1', ...fields, '', ''].join('\r\n'))
  await expect.poll(() => text, { timeout: 5000 }).toContain(beginning)
  return { socket, closed: once(socket, 'close'), text: () => text }
}

async function openBoth(draft: object) {
  const body = { name: 'open', owner: 'acme', ...draft }
  const created = await askFor(listening, { method: 'POST', path: '/v1/tokens', body })
  const { id = '', secret = '' } = created?.body ?? {}
  const stream = await opened(secret, [], 'begin')
  const webSocket = await opened(secret, HANDSHAKE, '\r\n\r\n')
  return { id, stream, webSocket }
}

const changeOf = (id: string, [method, path, body]: readonly [string, string, object?]) =>
  askFor(listening, { method, path: `/v1/tokens/${id}${path}`, ...(body && { body }) })

const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

test.each<{ change: () => readonly [string, string, object?]; endsMs?: number; because: string }>([
  { change: () => ['POST', '/revoke'], because: 'revoked' },
  { change: () => ['POST', '/disable'], because: 'disabled' },
  { change: () => ['DELETE', ''], because: 'deleted' },
  { change: () => ['POST', '/rotate', {}], because: 'rotated out at once' },
  {
    change: () => ['POST', '/rotate', { overlapMs: 1500 }],
    endsMs: 1500,
    because: 'rotated out, and its overlap has ended',
  },
  {
    change: () => ['PATCH', '', { expiresAt: soon(1500) }],
    endsMs: 1500,
    because: 'expired, with nothing else to tell of it',
  },
  {
    change: () => ['PUT', '/restrictions', { domains: on('other.com'), ips: OFF }],
    because: 'no longer for that page',
  },
])('both are cut when their token is $because', async ({ change, endsMs = 0 }) => {
  const { id, stream, webSocket } = await openBoth({})
  expect((await changeOf(id, change()))?.status).toBeLessThan(300)
  const changedAt = performance.now()
  await Promise.all([stream.closed, webSocket.closed])
  expect(performance.now() - changedAt).toBeLessThan(endsMs + CUT_MS)
  expect(webSocket.text().endsWith(CLOSE_1008)).toBe(true)
  // No last chunk: whoever reads it knows that there was more.
  expect(stream.text()).not.toContain('\r\n0\r\n')
})

test.each<{ draft?: object; change: readonly [string, string, object?]; because: string }>([
  { change: ['PATCH', '', { name: 'other' }], because: 'another name' },
  { change: ['POST', '/rotate', { overlapMs: 600_000 }], because: 'the old secret lives on' },
  {
    change: ['PUT', '/restrictions', { domains: on('shop.com'), ips: OFF }],
    because: 'the page is listed',
  },
  {
    draft: { mode: 'report' },
    change: ['PUT', '/restrictions', { domains: on('other.com'), ips: OFF }],
    because: 'report mode lets through',
  },
])('both go on: $because', async ({ draft = {}, change }) => {
  const { id, stream, webSocket } = await openBoth(draft)
  const other = await openBoth({})
  expect((await changeOf(id, change))?.status).toBeLessThan(300)
  // What is revoked after it is cut, so these had their turn.
  await changeOf(other.id, ['POST', '/revoke'])
  await Promise.all([other.stream.closed, other.webSocket.closed])
  expect([stream.socket.closed, webSocket.socket.closed]).toEqual([false, false])
  for (const { socket } of [stream, webSocket]) socket.destroy()
})
