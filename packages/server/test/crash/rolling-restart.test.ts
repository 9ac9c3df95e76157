/** Fault F28 of docs/reliability.md: nodes are stopped and started again under load. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answered, send } from '../running-keyfence.ts'
import { answerOf, startBalancer } from './balancer.ts'
import { askFor, type Listening, type NodeProcess, startNodeProcess } from './node-process.ts'

/** An API that holds `/slow` and uploads back, and takes WebSockets. */
interface SlowApi {
  readonly port: number
  readonly held: Map<string, ServerResponse>
  readonly server: Server
}

async function startSlowApi(): Promise<SlowApi> {
  const held = new Map<string, ServerResponse>()
  const server = createServer((incoming, response) => {
    incoming.resume()
    if (incoming.url === '/slow') held.set('/slow', response)
    else incoming.on('end', () => response.end('done'))
  })
  server.on('upgrade', (_request, socket: Socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
    )
    socket.write(`Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`)
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return { port, held, server }
}

// The pair of RFC 6455 §1.3.
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

let api: SlowApi
let folder: string
const started: NodeProcess[] = []

beforeAll(async () => {
  api = await startSlowApi()
})
afterAll(() => {
  api.server.closeAllConnections()
  api.server.close()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-roll-'))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop('SIGKILL')))
  rmSync(folder, { recursive: true, force: true })
})

type StartedNode = NodeProcess & Listening

async function startOn(...flags: readonly string[]): Promise<StartedNode> {
  const node = startNodeProcess({ folder, upstreamPort: api.port, flags: [...FLAGS, ...flags] })
  started.push(node)
  return { ...node, ...(await node.ready()) }
}

const FLAGS = ['--poll-interval-ms=100']

const readiness = async ({ managementUrl }: StartedNode) =>
  JSON.parse((await send(`${managementUrl}/readyz`)).body)

async function createToken(node: StartedNode): Promise<string> {
  const body = { name: 'roll', owner: 'acme' }
  const created = await askFor(node, { method: 'POST', path: '/v1/tokens', body })
  return created?.body.secret ?? ''
}

describe('a node that is asked to stop', () => {
  test('is not ready first, finishes what is in progress, refuses then, and ends with 0', async () => {
    const node = await startOn('--drain-delay-ms=1500')
    const token = await createToken(node)
    const slow = send(`${node.url}/slow`, { headers: { 'x-api-key': token } })
    const upload = startUpload(node.url, token)
    const webSocket = await openWebSocket(node.url, token)
    await expect.poll(() => api.held.has('/slow'), PATIENT).toBe(true)
    const stopped = node.stop('SIGTERM')
    await expect
      .poll(() => readiness(node), { timeout: 1500, interval: 20 })
      .toMatchObject({ reason: 'draining' })
    // A load balancer that has not looked yet is still served.
    expect((await send(node.url, { headers: { 'x-api-key': token } })).status).toBe(200)
    await expect.poll(() => refusedConnection(node.url), PATIENT).toBe(true)
    expect(await readiness(node)).toMatchObject({ reason: 'draining' })
    upload.finish()
    expect(await upload.answer).toMatchObject({ status: 200, body: 'done' })
    api.held.get('/slow')?.end('late')
    expect(await slow).toMatchObject({ status: 200, body: 'late' })
    webSocket.end()
    expect(await stopped).toBe(0)
  })

  test('ends in order too if it is asked while it starts', async () => {
    const node = startNodeProcess({ folder, upstreamPort: api.port })
    started.push(node)
    await expect
      .poll(() => existsSync(join(folder, 'keyfence.db')), { ...PATIENT, interval: 1 })
      .toBe(true)
    expect(await node.stop('SIGTERM')).toBe(0)
  })

  test('waits no longer than drainTimeoutMs for what does not finish', async () => {
    const node = await startOn('--drain-timeout-ms=200')
    const token = await createToken(node)
    api.held.clear()
    const cut = expect(
      send(`${node.url}/slow`, { headers: { 'x-api-key': token } }),
    ).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect.poll(() => api.held.has('/slow'), PATIENT).toBe(true)
    expect(await node.stop('SIGTERM')).toBe(0)
    await cut
  })
})

describe('two nodes on one data folder', () => {
  test('restarted in turn behind a balancer that looks at /readyz, no request fails', async () => {
    const first = await startOn(...DELAYED)
    const second = await startOn(...DELAYED)
    const token = await createToken(first)
    await expect.poll(() => answerOf(second.url, token), PATIENT).toBe(200)
    const nodes = [first, second]
    const balancer = startBalancer(nodes, token)
    await balancer.serve(20)
    for (const [at, old] of [first, second].entries()) {
      expect(await old.stop('SIGTERM')).toBe(0)
      nodes[at] = await startOn(...DELAYED)
      await balancer.serve(20)
    }
    expect(await balancer.stop()).toEqual([])
  })

  test('a node that leaves takes no other’s socket with it, and a free socket is taken over', async () => {
    const socket = join(folder, 'management.sock')
    const first = await startOn()
    const second = await startOn()
    const third = await startOn()
    expect(await third.stop('SIGTERM')).toBe(0)
    expect(existsSync(socket)).toBe(true)
    expect(await healthOn(socket)).toBe(200)
    expect(await first.stop('SIGTERM')).toBe(0)
    await expect.poll(() => healthOn(socket), PATIENT).toBe(200)
    await second.stop('SIGKILL')
    await startOn()
    // What a killed node leaves is replaced.
    await expect.poll(() => healthOn(socket), PATIENT).toBe(200)
  })
})

const PATIENT = { timeout: 20_000, interval: 100 }
const DELAYED = ['--drain-delay-ms=2000']

async function refusedConnection(url: string): Promise<boolean> {
  return (await answerOf(url, '')) === 'ECONNREFUSED'
}

/** An upload of which half is sent. */
function startUpload(url: string, token: string): { finish(): void; answer: Promise<Answered> } {
  const headers = { 'x-api-key': token, 'content-length': '10' }
  const outgoing = request(`${url}/upload`, { method: 'POST', headers, agent: false })
  outgoing.write('half.')
  const answer = new Promise<Answered>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', async (incoming) => {
      const chunks = await incoming.toArray()
      const body = Buffer.concat(chunks).toString()
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body })
    })
  })
  return { finish: () => void outgoing.end('half.'), answer }
}

/** A WebSocket whose handshake is done. */
async function openWebSocket(url: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(
    [
      'GET /live HTTP/1.1',
      'Host: api.example',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${KEY}`,
      `X-API-Key: ${token}`,
      '',
      '',
    ].join('\r\n'),
  )
  const [head] = await once(socket, 'data')
  expect(String(head)).toMatch(/^HTTP\/1\.1 101 /)
  return socket
}

function healthOn(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    request({ socketPath, path: '/healthz' }, (incoming) => {
      incoming.resume()
      resolve(incoming.statusCode)
    })
      .on('error', () => resolve(undefined))
      .end()
  })
}
