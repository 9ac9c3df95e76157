/** Rows T16, T42–T44 of docs/threats.md: what no request is, and what is too much. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getRequest, sendRaw } from '../raw-request.ts'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'

const HEADER_BYTES_MAX = 8192
const FIELDS_MAX = 50
const CONNECTIONS_MAX = 40

let keyfence: RunningKeyfence
let secret: string

beforeAll(async () => {
  keyfence = await startKeyfence({
    flags: [
      '--headers-timeout-ms=1000',
      `--header-bytes-max=${HEADER_BYTES_MAX}`,
      `--header-fields-max=${FIELDS_MAX}`,
      `--connections-max=${CONNECTIONS_MAX}`,
    ],
  })
  const created = await manage(keyfence, 'POST /v1/tokens', { name: 'any', owner: 'acme' })
  secret = created.body.secret
})

afterAll(() => keyfence.close())

/** It still answers, so nothing that came before has ended or blocked it. */
async function expectAlive(): Promise<void> {
  const answer = await sendRaw(keyfence.url, getRequest([`X-API-Key: ${secret}`]))
  expect(answer.status).toBe(200)
}

describe('requests that may be two (smuggling)', () => {
  const token = (): string => `X-API-Key: ${secret}`
  test.each<{ octets: (head: string) => string; because: string }>([
    {
      octets: (head) =>
        `POST / HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      because: 'length and chunks',
    },
    {
      octets: (head) =>
        `POST / HTTP/1.1\r\n${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
      because: 'two lengths',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Content-Length: 4, 4\r\n\r\nabcd`,
      because: 'a list of lengths',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Content-Length: +4\r\n\r\nabcd`,
      because: 'a sign',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Content-Length: 0x4\r\n\r\nabcd`,
      because: 'hexadecimal',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      because: 'a blank before the colon',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      because: 'another coding',
    },
    {
      octets: (head) =>
        `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      because: 'chunked is not last',
    },
    {
      octets: (head) => `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
      because: 'no chunk size',
    },
    { octets: (head) => `GET / HTTP/1.1\n${head}\n\n`, because: 'bare line feeds' },
    { octets: (head) => `GET / HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`, because: 'a folded line' },
    {
      octets: (head) => `GET / HTTP/1.1\r\n${head}X\u0000Y: a\r\n\r\n`,
      because: 'a NUL in a name',
    },
    {
      octets: (head) => `GET / HTTP/1.1\r\n${head}X: a\u0000b\r\n\r\n`,
      because: 'a NUL in a value',
    },
    { octets: (head) => `GET / HTTP/1.1\r\n${head}: a\r\n\r\n`, because: 'an empty name' },
    { octets: (head) => `GET / HTTP/1.1\r\n${head}Host: other\r\n\r\n`, because: 'two hosts' },
    {
      octets: (head) => `GET / HTTP/2.0\r\n${head}\r\n`,
      because: 'a version that it does not speak',
    },
    { octets: (head) => `CONNECT other:443 HTTP/1.1\r\n${head}\r\n`, because: 'CONNECT' },
    { octets: (head) => `TRACE / HTTP/1.1\r\n${head}\r\n`, because: 'TRACE' },
    { octets: (head) => `OPTIONS * HTTP/1.1\r\n${head}\r\n`, because: 'no path' },
    { octets: (head) => `GET admin HTTP/1.1\r\n${head}\r\n`, because: 'no path' },
  ])('T42 $because: an error, and nothing reaches the API', async ({ octets }) => {
    const before = keyfence.reached.length
    const answer = await sendRaw(
      keyfence.url,
      octets(`Host: api.example\r\nConnection: close\r\n${token()}\r\n`),
    )
    expect([400, 405, 413, 501]).toContain(answer.status)
    expect(keyfence.reached.length).toBe(before)
    await expectAlive()
  })
})

test('T16 10,000 malformed request lines: never an allow, never the end', async () => {
  const random = mulberry(20261124)
  const pieces = [
    'GET',
    'POST',
    'get',
    ' ',
    '  ',
    '\t',
    '/',
    '//',
    '*',
    'http://',
    '\\',
    '%',
    '%00',
    '\u0000',
    '\u00ff',
    'HTTP/1.1',
    'HTTP/9',
    'HTTP/',
    '\r',
    '?',
    '#',
    ':',
    '@',
    '[',
    'x'.repeat(300),
  ]
  const line = (): string =>
    Array.from(
      { length: 1 + Math.floor(random() * 7) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join('')
  const allowed: string[] = []
  const batch = 20
  for (let done = 0; done < 10_000; done += batch) {
    await Promise.all(
      Array.from({ length: batch }, async () => {
        const first = line()
        // Without a token: whatever can be read of it is refused.
        const { status } = await sendRaw(
          keyfence.url,
          `${first}\r\nHost: a\r\nConnection: close\r\n\r\n`,
        )
        if (status >= 200 && status < 400) allowed.push(first)
      }),
    )
  }
  expect(allowed).toEqual([])
  await expectAlive()
}, 120_000)

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('limits, at N and N + 1', () => {
  test('T44 fields', async () => {
    // Host, Connection and X-API-Key are three of them.
    const fields = (count: number) => Array.from({ length: count - 3 }, (_, at) => `X-${at}: y`)
    const send = async (count: number) =>
      (await sendRaw(keyfence.url, getRequest([`X-API-Key: ${secret}`, ...fields(count)]))).status
    expect(await send(FIELDS_MAX)).toBe(200)
    expect(await send(FIELDS_MAX + 1)).toBe(431)
  })

  test('T44 octets of the header section', async () => {
    // Node counts target, names and values, and refuses as soon as they reach the limit.
    const others = ['/', 'Host', 'api.example', 'Connection', 'close', 'X-API-Key', secret, 'X']
    const send = async (octets: number) => {
      const filler = 'y'.repeat(octets - others.join('').length)
      const request = getRequest([`X-API-Key: ${secret}`, `X: ${filler}`])
      return (await sendRaw(keyfence.url, request)).status
    }
    expect(await send(HEADER_BYTES_MAX - 1)).toBe(200)
    expect(await send(HEADER_BYTES_MAX)).toBe(431)
    await expectAlive()
  })

  test('T44 characters of a token', async () => {
    const { hash } = await import('node:crypto')
    const longest = 'x'.repeat(512)
    await manage(keyfence, 'POST /v1/tokens/import', {
      tokens: [{ name: 'long', owner: 'acme', hash: hash('sha256', longest, 'hex') }],
    })
    const send = async (token: string) => sendRaw(keyfence.url, getRequest([`X-API-Key: ${token}`]))
    expect((await send(longest)).status).toBe(200)
    expect((await send(`${longest}x`)).status).toBe(401)
  })

  test('T43 a header section that drips is cut off', async () => {
    const { hostname, port } = new URL(keyfence.url)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => socket.destroy())
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Drip: ')
    await once(socket, 'close')
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /)
    await expectAlive()
  })

  test('T43 connections: one more than allowed is dropped, and room is made again', async () => {
    const { hostname, port } = new URL(keyfence.url)
    const open = async () => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => socket.destroy())
      await once(socket, 'connect')
      return socket
    }
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, open))
    const refused = await sendRaw(keyfence.url, getRequest([`X-API-Key: ${secret}`]))
    expect(refused.status).toBe(0)
    for (const socket of sockets) socket.destroy()
    for (const socket of sockets) {
      if (!socket.closed) await once(socket, 'close').catch(() => {})
    }
    await expect
      .poll(async () => (await sendRaw(keyfence.url, getRequest([`X-API-Key: ${secret}`]))).status)
      .toBe(200)
  })
})
