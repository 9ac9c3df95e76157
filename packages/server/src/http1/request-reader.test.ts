import { array, assert, constantFrom, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestReader } from './request-reader.ts'

const HEADER_BYTES_MAX = 64
const GET = 'GET / HTTP/1.1\r\n'

/** What is read of pieces that come one after another: lines such as `GET /`, problems by name. */
function readPieces(pieces: readonly string[]): string[] {
  const reader = new RequestReader({ headerBytesMax: HEADER_BYTES_MAX })
  const read: string[] = []
  for (const piece of pieces) {
    reader.add(Buffer.from(piece, 'latin1'))
    for (let reading = reader.next(); reading !== 'incomplete'; reading = reader.next()) {
      if (reading === 'over') break
      if (typeof reading === 'string') read.push(reading)
      else read.push([reading.method, reading.target, ...reading.fields].join(' '))
    }
  }
  return [...read, reader.next() === 'over' ? 'over' : reader.isBlank ? 'nothing' : 'incomplete']
}

describe('of the octets of a connection is read', () => {
  test.each<{ octets: string; gives: readonly string[]; because: string }>([
    { octets: '', gives: ['nothing'], because: 'nothing' },
    { octets: '\r\n', gives: ['nothing'], because: 'an empty line alone' },
    { octets: '\r\n\r', gives: ['incomplete'], because: 'half of another' },
    { octets: `${GET}A: b\r\n`, gives: ['incomplete'], because: 'its end is missing' },
    { octets: `${GET}A: b\n`, gives: ['malformed', 'over'], because: 'LF by itself, told at once' },
    {
      octets: 'GET / HTTP/1.1\n',
      gives: ['malformed', 'over'],
      because: 'behind the first line too',
    },
    { octets: 'garbage\r\n\r\n', gives: ['malformed', 'over'], because: 'garbage' },
    { octets: '\u0016\u0003\u0001', gives: ['malformed', 'over'], because: 'TLS, told at once' },
    { octets: ' GET', gives: ['malformed', 'over'], because: 'a blank, told at once' },
    { octets: '\rG', gives: ['malformed', 'over'], because: 'CR by itself' },
    { octets: '\n', gives: ['malformed', 'over'], because: 'LF by itself' },
    { octets: 'get / HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'lower case' },
    { octets: 'BREW / HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'no known method' },
    {
      octets: 'GET a HTTP/1.1\r\n\r\n',
      gives: ['malformed', 'over'],
      because: 'no form of a target',
    },
    { octets: 'GET /\u00e9 HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'no ASCII' },
    { octets: 'GET *a HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'more than *' },
    { octets: 'GET ?a HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'a query alone' },
    { octets: 'GET a:1 HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'a tunnel’s' },
    { octets: 'GET ftp://a/ HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'a scheme' },
    { octets: 'GET http:/// HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'no host' },
    { octets: 'GET http://a{/ HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'no host' },
    {
      octets: 'GET http://a@b@c/ HTTP/1.1\r\n\r\n',
      gives: ['malformed', 'over'],
      because: 'two @',
    },
    {
      octets: 'GET HTTPS://[::1]:8 HTTP/1.1\r\n\r\n',
      gives: ['GET HTTPS://[::1]:8', 'nothing'],
      because: 'an absolute form',
    },
    {
      octets: 'GET http://me:x@a/ HTTP/1.1\r\n\r\n',
      gives: ['GET http://me:x@a/', 'nothing'],
      because: 'one with somebody in front',
    },
    { octets: 'GET http://{@a/ HTTP/1.1\r\n\r\n', gives: ['malformed', 'over'], because: 'nobody' },
    {
      octets: 'GET http://a?b HTTP/1.1\r\n\r\n',
      gives: ['GET http://a?b', 'nothing'],
      because: 'one without a path',
    },
    {
      octets: 'OPTIONS * HTTP/1.1\r\n\r\n',
      gives: ['OPTIONS *', 'nothing'],
      because: 'the server itself',
    },
    { octets: `${GET}A : b\r\n\r\n`, gives: ['malformed', 'over'], because: 'a malformed field' },
    {
      octets: `${GET}Content-Length: 1\r\nContent-Length: 2\r\n\r\n${GET}\r\n`,
      gives: ['malformed', 'over'],
      because: 'nothing behind what cannot be read',
    },
    {
      octets: `${GET}Content-Length: 18\r\n\r\n${GET}\r\n`,
      gives: ['GET / Content-Length 18', 'over'],
      because: 'a body is never a request',
    },
    {
      octets: `${GET}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${GET}\r\n`,
      gives: ['GET / Transfer-Encoding chunked', 'over'],
      because: 'neither is what follows chunks',
    },
    {
      octets: `${GET}Connection: close\r\n\r\n${GET}\r\n`,
      gives: ['GET / Connection close', 'over'],
      because: 'nothing behind the last one',
    },
    {
      octets: `GET / HTTP/1.0\r\n\r\n${GET}\r\n`,
      gives: ['GET /', 'over'],
      because: 'nothing behind the one of HTTP/1.0',
    },
    {
      octets: `CONNECT a:1 HTTP/1.1\r\n\r\n${GET}\r\n`,
      gives: ['CONNECT a:1', 'over'],
      because: 'nothing of a tunnel',
    },
    {
      octets: `${GET}A: ${'x'.repeat(42)}\r\n\r\n`,
      gives: ['too_large', 'over'],
      because: 'one octet too many',
    },
    {
      octets: `\r\n${GET}A: ${'x'.repeat(40)}\r\n\r\n`,
      gives: ['too_large', 'over'],
      because: 'empty lines count',
    },
    { octets: '\r\n'.repeat(33), gives: ['too_large', 'over'], because: 'nothing but empty lines' },
    { octets: 'x'.repeat(65), gives: ['too_large', 'over'], because: 'a line without end' },
    { octets: 'x'.repeat(64), gives: ['incomplete'], because: 'a line that may yet end' },
    {
      octets: `${GET}A: ${'x'.repeat(41)}\r\n\r\n${GET}A: ${'x'.repeat(41)}\r\n\r\n`,
      gives: [`GET / A ${'x'.repeat(41)}`, `GET / A ${'x'.repeat(41)}`, 'nothing'],
      because: 'each head may be as long as that',
    },
    {
      octets: `${GET}\r\n\r\n\r\nHEAD /a HTTP/1.1\r\nA: b\r\n\r\nPUT /`,
      gives: ['GET /', 'HEAD /a A b', 'incomplete'],
      because: 'one after another, empty lines between them ignored',
    },
  ])('$gives: $because', ({ octets, gives }) => {
    expect(readPieces([octets])).toEqual(gives)
    expect(readPieces(octets.split(''))).toEqual(gives)
  })
})

test('however octets are cut into pieces, the same is read', () => {
  const fragment = constantFrom(
    GET,
    'HEAD /x HTTP/1.1\r\n',
    'GET / HTTP/1.0\r\n',
    'Connection: keep-alive\r\n',
    'A: b\r\n',
    'Content-Length: 0\r\n',
    'Content-Length: 3\r\n',
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    ' ',
    ':',
    'x',
    'x'.repeat(20),
  )
  assert(
    property(
      array(fragment, { maxLength: 16 }),
      array(nat({ max: 200 }), { maxLength: 12 }),
      (fragments, places) => {
        const octets = fragments.join('')
        expect(readPieces(cut(octets, places))).toEqual(readPieces([octets]))
      },
    ),
    { numRuns: 3000 },
  )
})

function cut(octets: string, places: readonly number[]): string[] {
  const ends = [...places, octets.length].filter((place) => place <= octets.length)
  const sorted = ends.toSorted((a, b) => a - b)
  return sorted.map((end, index) => octets.slice(sorted[index - 1] ?? 0, end))
}

test('a head that comes octet by octet takes no time that grows with its square', () => {
  const reader = new RequestReader({ headerBytesMax: 4_000_000 })
  const octet = Buffer.from('x')
  reader.add(Buffer.from(`${GET}A: `))
  // Less than a second, and hours if all were copied or searched anew with each piece.
  for (let count = 0; count < 1_000_000; count++) {
    reader.add(octet)
    if (count % 8 === 0) reader.next()
  }
  expect(reader.next()).toBe('incomplete')
})
