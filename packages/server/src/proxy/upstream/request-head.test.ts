import { expect, test } from 'vitest'
import { type OutgoingHead, requestHead } from './request-head.ts'

const PLAIN: OutgoingHead = {
  method: 'GET',
  path: '/',
  fields: [],
  isWebSocket: false,
  hasBody: false,
}
const written = (more: Partial<OutgoingHead>) => requestHead({ ...PLAIN, ...more }, 'inner:8080')

test.each<{ more: Partial<OutgoingHead>; lines: string[]; because: string }>([
  {
    more: {},
    lines: ['GET / HTTP/1.1', 'host: inner:8080', 'connection: keep-alive'],
    because: 'the upstream’s own name stands in for a Host',
  },
  {
    more: { path: '/a?b=%20#\u00e9', fields: ['X-A', '\u00e9\tb', 'Host', 'a', 'x-a', ''] },
    lines: [
      'GET /a?b=%20#\u00e9 HTTP/1.1',
      'host: a',
      'connection: keep-alive',
      'X-A: \u00e9\tb',
      'x-a: ',
    ],
    because: 'octets, order and spelling are kept',
  },
  {
    more: { method: 'HEAD' },
    lines: ['HEAD / HTTP/1.1', 'host: inner:8080', 'connection: close'],
    because: 'servers that answer HEAD with a body would poison the next answer',
  },
  {
    more: { isWebSocket: true },
    lines: ['GET / HTTP/1.1', 'host: inner:8080', 'connection: upgrade', 'upgrade: websocket'],
    because: 'a handshake takes the connection',
  },
  {
    more: { hasBody: true, fields: ['Content-Length', '3'] },
    lines: ['GET / HTTP/1.1', 'host: inner:8080', 'connection: close'],
    because: 'servers that skip no body of GET would read it as the next request',
  },
  {
    more: { method: 'POST', hasBody: true, fields: ['content-length', '3'] },
    lines: ['POST / HTTP/1.1', 'host: inner:8080', 'connection: keep-alive'],
    because: 'the length is written with the body',
  },
])('$lines: $because', ({ more, lines }) => {
  expect(written(more)?.lines).toBe(`${lines.join('\r\n')}\r\n`)
})

test.each<{ fields: string[]; length: number | undefined }>([
  { fields: ['Content-Length', '3'], length: 3 },
  { fields: ['A', 'b'], length: undefined },
])('the announced length of $fields is $length', ({ fields, length }) => {
  expect(written({ method: 'POST', hasBody: true, fields })?.bodyLength).toBe(length)
})

test.each<{ more: Partial<OutgoingHead>; because: string }>([
  { more: { method: '' }, because: 'no method' },
  { more: { method: 'GET /x HTTP/1.1\r\nA:' }, because: 'a line in the method' },
  { more: { method: 'G T' }, because: 'a blank in the method' },
  { more: { path: '' }, because: 'no path' },
  { more: { path: '/ HTTP/1.1\r\nA: b' }, because: 'a line in the path' },
  { more: { path: '/a b' }, because: 'a blank in the path' },
  { more: { path: '/\u0000' }, because: 'NUL in the path' },
  { more: { path: '/\u0120' }, because: 'a character whose octet would be a blank' },
  { more: { fields: ['A', 'b\r\nC: d'] }, because: 'a line in a value' },
  { more: { fields: ['A', 'b\n'] }, because: 'LF at the end of a value' },
  { more: { fields: ['A', 'b\r'] }, because: 'CR by itself' },
  { more: { fields: ['A', '\u0000'] }, because: 'NUL in a value' },
  { more: { fields: ['A', '\u010d\u010a'] }, because: 'characters whose octets would end a line' },
  { more: { fields: ['A\r\nB', 'c'] }, because: 'a line in a name' },
  { more: { fields: ['A: b', 'c'] }, because: 'a colon in a name' },
  { more: { fields: ['', 'c'] }, because: 'no name' },
  { more: { fields: ['Host', 'a', 'host', 'a'] }, because: 'two hosts' },
  { more: { fields: ['Content-Length', '1', 'content-length', '1'] }, because: 'two lengths' },
  { more: { fields: ['Content-Length', '1, 1'] }, because: 'a list of lengths' },
  { more: { fields: ['Content-Length', '-1'] }, because: 'no length' },
  { more: { fields: ['Transfer-Encoding', 'chunked'] }, because: 'another framing' },
  { more: { fields: ['CONNECTION', 'close'] }, because: 'what becomes of the connection is ours' },
  { more: { fields: ['Upgrade', 'h2c'] }, because: 'an upgrade of its own' },
  { more: { fields: ['Expect', '100-continue'] }, because: 'an expectation that nobody meets' },
])('is not written: $because', ({ more }) => {
  expect(written(more)).toBeUndefined()
})
