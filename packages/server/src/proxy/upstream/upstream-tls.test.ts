import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createPlainServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  BEARER,
  dial,
  get,
  listen,
  proxyBefore,
  readAll,
  readUntil,
  STALLED,
  standsStill,
} from '../proxy-fixture.ts'
import { openUpstream } from './upstream.ts'

const BODY = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 7) % 251))

let folder: string
const certificates = getCACertificates()
/** What clients asked for, and whether they resumed. */
const seen: { name: string | false | null; protocol: string | false | null; isResumed: boolean }[] =
  []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-upstream-'))
  for (const name of ['known', 'stranger']) makeCertificate(name)
  setDefaultCACertificates([...certificates, readFileSync(join(folder, 'known.crt'), 'utf8')])
})
afterAll(() => {
  setDefaultCACertificates(certificates)
  rmSync(folder, { recursive: true, force: true })
})

function makeCertificate(name: string): void {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = spawnSync('openssl', ['req', '-x509', ...kind, ...names, ...files])
  if (made.status !== 0) throw new Error(`openssl failed: ${String(made.stderr)}`)
}

/** An upstream that answers over TLS, closing each connection behind its answer. */
async function tlsUpstream(name: string): Promise<{ server: Server; port: number }> {
  const [key, cert] = ['key', 'crt'].map((ending) =>
    readFileSync(join(folder, `${name}.${ending}`)),
  )
  const server = createServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    seen.push({
      name: socket.servername,
      protocol: socket.alpnProtocol,
      isResumed: socket.isSessionReused(),
    })
    socket.on('error', () => undefined)
    socket.once('data', (head: Buffer) => answer(socket, String(head)))
  })
  server.on('tlsClientError', () => undefined)
  return { server, port: await listen(server) }
}

function answer(socket: Socket, head: string): void {
  if (!head.includes('websocket')) {
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n')
    socket.end(BODY)
    return
  }
  socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframe')
  socket.pipe(socket)
}

test('an upstream over TLS is asked by its name, in HTTP/1.1, and sessions are resumed', async () => {
  const { server, port } = await tlsUpstream('known')
  await using proxy = await proxyBefore(0, { upstream: new URL(`https://localhost:${port}`) })
  for (let count = 0; count < 2; count++) {
    const { status, body } = await get(proxy.port, '/')
    expect([status, Buffer.from(body, 'latin1').equals(BODY)]).toEqual([200, true])
  }
  expect(seen.splice(0)).toEqual([
    { name: 'localhost', protocol: 'http/1.1', isResumed: false },
    { name: 'localhost', protocol: 'http/1.1', isResumed: true },
  ])
  server.close()
})

test('a caller that is slow holds an upstream over TLS back, and gets all of it', async () => {
  const LENGTH = 24 * 1024 * 1024
  const body = Buffer.alloc(LENGTH)
  for (let at = 0; at < LENGTH; at += 4) body.writeUInt32LE(at, at)
  const [key, cert] = ['key', 'crt'].map((ending) => readFileSync(join(folder, `known.${ending}`)))
  let sent = 0
  const server = createServer({ key, cert }, (socket) => {
    const write = (): void => {
      const piece = body.subarray(sent, sent + 100_000)
      sent += piece.length
      if (piece.length === 0) return
      if (socket.write(piece)) setImmediate(write)
      else socket.once('drain', write)
    }
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LENGTH}\r\n\r\n`)
      write()
    })
  })
  const port = await listen(server)
  await using proxy = await proxyBefore(0, { upstream: new URL(`https://localhost:${port}`) })
  const caller = await dial(proxy.port, `GET / HTTP/1.0\r\n${BEARER}\r\n\r\n`)
  caller.pause()
  await expect
    .poll(
      standsStill(() => sent),
      STALLED,
    )
    .toBe(true)
  expect(sent).toBeLessThan(LENGTH)
  const octets = Buffer.from(await readAll(caller), 'latin1')
  expect(octets.subarray(octets.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true)
  server.close()
})

test('a connection over TLS is read again behind an answer that was whole while it was stopped', async () => {
  const [key, cert] = ['key', 'crt'].map((ending) => readFileSync(join(folder, `known.${ending}`)))
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => undefined)
    // Several records in one piece: all of them are told by one reading.
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n${'x'.repeat(40_000)}`)
    })
  })
  const upstream = new URL(`https://localhost:${await listen(server)}`)
  await using proxy = await proxyBefore(0, { upstream })
  const pool = openUpstream({ ...proxy.context.settings, upstream })
  for (let count = 0; count < 2; count++) {
    await new Promise<void>((resolve, reject) => {
      const { call } = pool.dispatch(
        { method: 'GET', path: '/', fields: [], isWebSocket: false, body: undefined },
        {
          onStart: () => undefined,
          onHead: () => undefined,
          onBody: () => undefined,
          onEnd: () => resolve(),
          // The caller takes nothing for now.
          onReadDone: () => {
            setImmediate(() => call.resume())
            return 'full'
          },
          onUpgrade: () => undefined,
          onFailure: reject,
        },
      )
    })
  }
  pool.destroy()
  server.close()
})

test('a WebSocket over TLS is passed both ways', async () => {
  const { server, port } = await tlsUpstream('known')
  await using proxy = await proxyBefore(0, { upstream: new URL(`https://localhost:${port}`) })
  const lines = ['GET / HTTP/1.1', 'Host: a', BEARER, 'Connection: Upgrade', 'Upgrade: websocket']
  const caller = await dial(proxy.port, [...lines, '', ''].join('\r\n'))
  expect(await readUntil(caller, 'frame')).toContain(' 101 ')
  caller.write('there and back')
  expect(await readUntil(caller, 'back')).toBe('there and back')
  caller.destroy()
  server.close()
})

test.each<{ name: string; host: string; because: string }>([
  { name: 'known', host: '127.0.0.1', because: 'its certificate is for another name' },
  { name: 'stranger', host: 'localhost', because: 'nobody vouches for it' },
])('an upstream is not believed: $because', async ({ name, host }) => {
  const { server, port } = await tlsUpstream(name)
  await using proxy = await proxyBefore(0, { upstream: new URL(`https://${host}:${port}`) })
  expect((await get(proxy.port, '/')).status).toBe(502)
  expect(proxy.logged).toMatchObject([{ code: 'connect_failed' }])
  server.close()
})

test('504 for an upstream that says nothing of TLS', async () => {
  const server = createPlainServer((socket) => socket.on('error', () => undefined).resume())
  const port = await listen(server)
  await using proxy = await proxyBefore(0, {
    upstream: new URL(`https://localhost:${port}`),
    timeouts: { upstreamConnectMs: 100 },
  })
  expect((await get(proxy.port, '/')).status).toBe(504)
  expect(proxy.logged).toMatchObject([{ code: 'connect_timeout' }])
  server.close()
})
