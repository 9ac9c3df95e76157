import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ManagementListener, startManagementListener } from './management-listener.ts'
import { askAt, LIMITS, type RunningApi, startApi } from './running-api.ts'

let api: RunningApi
let folder: string
const listeners: ManagementListener[] = []

beforeEach(async () => {
  api = await startApi()
  folder = mkdtempSync(join(tmpdir(), 'keyfence-socket-'))
})
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close()
  await api.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(
  ...[place, limits = LIMITS]: [
    Parameters<typeof startManagementListener>[1],
    Partial<typeof LIMITS>?,
  ]
) {
  const listener = await startManagementListener(api.app, place, { ...LIMITS, ...limits })
  listeners.push(listener)
  return listener
}

function opened(port: number | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: port ?? 0 }, () => resolve(socket))
    socket.once('error', reject)
  })
}

describe('a socket in the data folder', () => {
  test('makes whoever may open it the operator, and is its owner’s alone', async () => {
    const socketPath = join(folder, 'management.sock')
    await start({ socketPath })
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
    const body = { name: 'x', owner: 'alice' }
    const answer = await askAt({ socketPath }, { method: 'POST', target: '/v1/tokens', body })
    expect(answer.status).toBe(201)
    const audit = await askAt({ socketPath }, { method: 'GET', target: '/v1/audit' })
    expect(audit.body['items']).toMatchObject([{ actor: 'operator' }])
  })

  test('that a dead process left is replaced', async () => {
    const socketPath = join(folder, 'management.sock')
    const code = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', code])
    expect(existsSync(socketPath)).toBe(true)
    await start({ socketPath })
    expect((await askAt({ socketPath }, { method: 'GET', target: '/healthz' })).status).toBe(200)
  })

  test('is not made where a file is: that stays', async () => {
    const socketPath = join(folder, 'management.sock')
    writeFileSync(socketPath, 'precious')
    await expect(start({ socketPath })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(readFileSync(socketPath, 'utf8')).toBe('precious')
  })

  test('that a living process has is left alone', async () => {
    const socketPath = join(folder, 'management.sock')
    await start({ socketPath })
    await expect(start({ socketPath })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect((await askAt({ socketPath }, { method: 'GET', target: '/healthz' })).status).toBe(200)
  })
})

describe('a listener', () => {
  test('on a port that is taken rejects', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await expect(start({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    other.close()
  })

  test('on an address makes nobody the operator', async () => {
    expect((await api.ask('GET', '/v1/tokens')).status).toBe(401)
  })

  test('bears no more connections than it may', async () => {
    const { port } = await start({ host: '127.0.0.1', port: 0 }, { connectionsMax: 2 })
    const held = [await opened(port), await opened(port)]
    const extra = await opened(port)
    await once(extra, 'close')
    for (const socket of held) socket.destroy()
  })

  test('ends a connection whose fields do not arrive', async () => {
    const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200 }
    const { port } = await start({ host: '127.0.0.1', port: 0 }, limits)
    const socket = await opened(port)
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 408 /)
    socket.destroy()
  })

  test('refuses fields that are too large', async () => {
    const { port } = await start({ host: '127.0.0.1', port: 0 }, { headerBytesMax: 4096 })
    const place = { host: '127.0.0.1', port: port ?? 0 }
    const headers = { 'X-Filler': 'x'.repeat(5000) }
    const answer = await askAt(place, { method: 'GET', target: '/healthz', headers })
    expect(answer.status).toBe(431)
  })

  test.each<{ lines: string; status: number; because: string }>([
    { lines: 'GET /healthz HTTP/1.1\r\nHost: a b', status: 400, because: 'no host' },
    { lines: 'GET \\healthz HTTP/1.1\r\nHost: localhost', status: 400, because: 'no path' },
    { lines: 'GET //evil/x HTTP/1.1\r\nHost: localhost', status: 404, because: 'a path, no host' },
    { lines: 'GET /v1/../healthz HTTP/1.1\r\nHost: localhost', status: 200, because: 'public' },
  ])('answers "$lines" with $status: $because', async ({ lines, status }) => {
    const socket = await opened(api.place.port)
    socket.write(`${lines}\r\nConnection: close\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    socket.destroy()
  })

  test('closes idle connections and answers what it has begun', async () => {
    const key = await api.key(['write'])
    const listener = await startManagementListener(api.app, { host: '127.0.0.1', port: 0 }, LIMITS)
    const socket = await opened(listener.port)
    const body = JSON.stringify({ name: 'x', owner: 'alice' })
    socket.write(
      `POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    await once(socket, 'data')
    const closed = listener.close()
    socket.write(body)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 201 /)
    await closed
  })
})

test('a listener that closes keeps no connection, however soon its caller asks again', async () => {
  let closing: Promise<void> | undefined
  const listener = await startManagementListener(
    {
      fetch: () => {
        // While it answers, so that the connection is not idle.
        closing ??= listener.close()
        return new Response('ok')
      },
    },
    { host: '127.0.0.1', port: 0 },
    LIMITS,
  )
  const socket = await opened(listener.port)
  const ended = once(socket, 'close')
  const ask = (): boolean => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  socket.on('data', ask)
  ask()
  await ended
  await closing
})
