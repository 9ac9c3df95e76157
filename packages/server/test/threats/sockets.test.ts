/** Rows T16, T42–T44 of docs/threats.md: what no request is, and what is too much. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getRequest, type RawAnswer, sendRaw } from '../raw-request.ts'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'
import { DOUBTFUL_REQUESTS, oddRequestLines } from './odd-requests.ts'

const HEADER_BYTES_MAX = 8192
const FIELDS_MAX = 50
const CONNECTIONS_MAX = 40

/** The proxy reads by Node's parser, the check endpoint by one of its own. */
describe.each(['proxy', 'check'] as const)('the %s', (door) => {
  const target = door === 'proxy' ? '/' : '/check/v1'
  let keyfence: RunningKeyfence
  let secret: string

  beforeAll(async () => {
    keyfence = await startKeyfence({
      door,
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

  /** A good request with these field lines beside its token. */
  function ask(...lines: string[]): Promise<RawAnswer> {
    return sendRaw(keyfence.url, getRequest([`X-API-Key: ${secret}`, ...lines], target))
  }

  /** It still answers, so nothing that came before has ended or blocked it. */
  async function expectAlive(): Promise<void> {
    expect((await ask()).status).toBe(200)
  }

  describe('requests that may be two (smuggling)', () => {
    const rows = DOUBTFUL_REQUESTS.filter(({ only }) => only === undefined || only === door)
    test.each(rows)('T42 $because: an error, and nothing reaches the API', async ({ octets }) => {
      const before = keyfence.reached.length
      const head = `Host: api.example\r\nConnection: close\r\nX-API-Key: ${secret}\r\n`
      const answer = await sendRaw(keyfence.url, octets(head).replace(' / ', ` ${target} `))
      expect([400, 405, 413, 501]).toContain(answer.status)
      expect(answer.body).not.toContain('HTTP/1.')
      expect(keyfence.reached.length).toBe(before)
      await expectAlive()
    })
  })

  test('T16 10,000 malformed request lines: never an allow, never the end', async () => {
    const lines = oddRequestLines(20261124)
    const allowed: string[] = []
    const batch = 20
    for (let done = 0; done < 10_000; done += batch) {
      await Promise.all(
        Array.from({ length: batch }, async () => {
          const first = lines.next().value
          // Without a token: whatever can be read of it is refused.
          const octets = `${first}\r\nHost: a\r\nConnection: close\r\n\r\n`
          const { status } = await sendRaw(keyfence.url, octets)
          if (status >= 200 && status < 400) allowed.push(first)
        }),
      )
    }
    expect(allowed).toEqual([])
    await expectAlive()
  }, 120_000)

  describe('limits, at N and N + 1', () => {
    test('T44 fields', async () => {
      // Host, Connection and X-API-Key are three of them.
      const fields = (count: number) => Array.from({ length: count - 3 }, (_, at) => `X-${at}: y`)
      const send = async (count: number) => (await ask(...fields(count))).status
      expect(await send(FIELDS_MAX)).toBe(200)
      expect(await send(FIELDS_MAX + 1)).toBe(431)
    })

    test('T44 octets of the header section', async () => {
      const most = door === 'proxy' ? HEADER_BYTES_MAX - 1 : HEADER_BYTES_MAX
      const lines = ['Host: api.example', 'Connection: close', `X-API-Key: ${secret}`, 'X: ']
      // Node counts target, names and values, and refuses as soon as they reach the limit.
      const counted = target + lines.map((line) => line.replace(': ', '')).join('')
      const whole = getRequest([`X-API-Key: ${secret}`, 'X: '], target)
      const others = door === 'proxy' ? counted : whole
      const send = async (octets: number) =>
        (await ask(`X: ${'y'.repeat(octets - others.length)}`)).status
      expect(await send(most)).toBe(200)
      expect(await send(most + 1)).toBe(431)
      await expectAlive()
    })

    test('T44 characters of a token', async () => {
      const { hash } = await import('node:crypto')
      const longest = 'x'.repeat(512)
      await manage(keyfence, 'POST /v1/tokens/import', {
        tokens: [{ name: 'long', owner: 'acme', hash: hash('sha256', longest, 'hex') }],
      })
      const send = async (token: string) =>
        sendRaw(keyfence.url, getRequest([`X-API-Key: ${token}`], target))
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
      expect((await ask()).status).toBe(0)
      for (const socket of sockets) socket.destroy()
      for (const socket of sockets) {
        if (!socket.closed) await once(socket, 'close').catch(() => {})
      }
      await expect.poll(async () => (await ask()).status).toBe(200)
    })
  })
})
