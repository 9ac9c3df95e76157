import { once } from 'node:events'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { dial, listen, nextConnection, readAll } from '../proxy-fixture.ts'
import { RequestWriter, writeRequest } from './request-writer.ts'

/** What arrives of a request with this body, and what is told of it. */
async function written(parts: readonly string[], more: { length?: number; expectsBody?: boolean }) {
  const server = createServer()
  const arriving = nextConnection(server)
  const socket = await dial(await listen(server), '')
  const head = {
    lines: 'POST / HTTP/1.1\r\n',
    bodyLength: more.length,
    expectsBody: more.expectsBody ?? true,
    keepsConnection: true,
  }
  const body = Readable.from(parts.map((part) => Buffer.from(part)))
  const stalls: boolean[] = []
  const outcome = await new Promise<string>((resolve) => {
    const writer = new RequestWriter({ socket, head }, body, {
      onSent: () => resolve('sent'),
      onStall: (isStalled) => void stalls.push(isStalled),
      onFailure: ({ code, reason }) => resolve(`${code}: ${reason}`),
    })
    socket.on('drain', () => writer.drain())
  })
  socket.end()
  const octets = await readAll(await arriving)
  server.close()
  return { outcome, octets, stalls }
}

const LINE = 'POST / HTTP/1.1\r\n'

test.each<{ parts: string[]; more?: object; octets: string; because: string }>([
  {
    parts: ['abc', 'de'],
    more: { length: 5 },
    octets: 'content-length: 5\r\n\r\nabcde',
    because: 'the announced length is announced',
  },
  {
    parts: ['abc', 'de'],
    octets: 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    because: 'without a length there are chunks',
  },
  { parts: [], octets: 'content-length: 0\r\n\r\n', because: 'chunks of nothing are no body' },
  { parts: ['', ''], octets: 'content-length: 0\r\n\r\n', because: 'an empty part ends nothing' },
  {
    parts: [],
    more: { length: 0 },
    octets: 'content-length: 0\r\n\r\n',
    because: 'nothing was said',
  },
  { parts: [], more: { expectsBody: false }, octets: '\r\n', because: 'nobody expects a body' },
])('$because', async ({ parts, more = {}, octets }) => {
  const { outcome, octets: received } = await written(parts, more)
  expect([outcome, received]).toEqual(['sent', `${LINE}${octets}`])
})

test('each part that is taken says that the caller is waited for again', async () => {
  const large = 'x'.repeat(1_000_000)
  expect((await written(['abc', 'de'], {})).stalls).toEqual([false, false])
  expect((await written(['abc', large, 'z'], {})).stalls).toEqual([false, true, false, false])
})

test.each<{ parts: string[]; length: number; octets: string; because: string }>([
  {
    parts: ['abc', 'GET /x'],
    length: 3,
    octets: `${LINE}content-length: 3\r\n\r\nabc`,
    because: 'a body longer than announced',
  },
  { parts: ['abcd'], length: 3, octets: '', because: 'a body longer than announced' },
  { parts: ['a'], length: 0, octets: '', because: 'a body longer than announced' },
  {
    parts: ['ab'],
    length: 3,
    octets: `${LINE}content-length: 3\r\n\r\nab`,
    because: 'a body shorter than announced',
  },
  { parts: [], length: 3, octets: '', because: 'a body shorter than announced' },
])('$parts of $length octets fails: $because', async ({ parts, length, octets, because }) => {
  const outcome = `request_incomplete: ${because}`
  expect(await written(parts, { length })).toMatchObject({ outcome, octets })
})

test.each([
  { expectsBody: true, octets: 'content-length: 0\r\n\r\n' },
  { expectsBody: false, octets: '\r\n' },
])('a request without a body says so where one is expected: $expectsBody', async (row) => {
  const server = createServer()
  const arriving = nextConnection(server)
  const socket = await dial(await listen(server), '')
  const head = { lines: LINE, bodyLength: undefined, keepsConnection: true, ...row }
  writeRequest(socket, head)
  socket.end()
  expect(await readAll(await arriving)).toBe(`${LINE}${row.octets}`)
  await once(socket.resume(), 'close')
  server.close()
})
