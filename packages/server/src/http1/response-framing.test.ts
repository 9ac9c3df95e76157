import { describe, expect, test } from 'vitest'
import {
  announcesMissingBody,
  bodyFraming,
  type FramedHead,
  isPersistent,
  keepAliveMs,
} from './response-framing.ts'

function head(lines: readonly string[], more: Partial<FramedHead> = {}): FramedHead {
  const fields = lines.flatMap((line) => line.split(': '))
  return { minorVersion: 1, status: 200, fields, ...more }
}

describe('where a body ends', () => {
  test.each<{ lines: string[]; more?: Partial<FramedHead>; method?: string; gives: string }>([
    { lines: [], gives: 'until_close' },
    { lines: ['Content-Length: 0'], gives: 'length 0' },
    { lines: ['content-length: 12'], gives: 'length 12' },
    { lines: ['Transfer-Encoding: chunked'], gives: 'chunked' },
    { lines: ['TRANSFER-ENCODING: Chunked'], gives: 'chunked' },
    { lines: ['Content-Length: 12'], more: { minorVersion: 0 }, gives: 'length 12' },
    { lines: ['Transfer-Encoding: chunked'], more: { minorVersion: 0 }, gives: 'chunked' },
    { lines: ['Content-Length: 12'], method: 'HEAD', gives: 'none' },
    { lines: ['Transfer-Encoding: chunked'], method: 'HEAD', gives: 'none' },
    { lines: ['Content-Length: 12'], more: { status: 304 }, gives: 'none' },
    { lines: [], more: { status: 204 }, gives: 'none' },
    { lines: ['Content-Length: 3'], more: { status: 205 }, gives: 'length 3' },
  ])('$method $lines: $gives', ({ lines, more, method = 'GET', gives }) => {
    const framing = bodyFraming(head(lines, more), method)
    expect(framing?.kind === 'length' ? `length ${framing.length}` : framing?.kind).toBe(gives)
  })
})

describe('no framing is believed', () => {
  test.each<{ lines: string[]; more?: Partial<FramedHead>; because: string }>([
    { lines: ['Content-Length: 1', 'Content-Length: 2'], because: 'two lengths' },
    { lines: ['Content-Length: 1', 'content-length: 1'], because: 'the same length twice' },
    { lines: ['Content-Length: 1, 1'], because: 'a list' },
    { lines: ['Content-Length: +1'], because: 'a sign' },
    { lines: ['Content-Length: 1a'], because: 'a letter' },
    { lines: ['Content-Length: '], because: 'an empty length' },
    { lines: ['Content-Length: 9007199254740992'], because: 'an inexact length' },
    { lines: ['Content-Length: 1', 'Transfer-Encoding: chunked'], because: 'both' },
    { lines: ['Transfer-Encoding: chunked', 'Content-Length: 1'], because: 'both, turned round' },
    { lines: ['Transfer-Encoding: gzip'], because: 'another coding' },
    { lines: ['Transfer-Encoding: gzip, chunked'], because: 'two codings' },
    { lines: ['Transfer-Encoding: chunked, chunked'], because: 'a coding twice' },
    {
      lines: ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
      because: 'in two lines',
    },
    { lines: ['Transfer-Encoding: identity'], because: 'a coding that is none' },
    { lines: ['Transfer-Encoding: '], because: 'an empty coding' },
    { lines: ['Transfer-Encoding: "chunked"'], because: 'quotes' },
    { lines: ['Transfer-Encoding: chunked;q=1'], because: 'a parameter' },
    {
      lines: ['Content-Length: 1', 'Content-Length: 2'],
      more: { status: 304 },
      because: 'two lengths of a body that does not come',
    },
  ])('$because', ({ lines, more }) => {
    expect(bodyFraming(head(lines, more), 'GET')).toBeUndefined()
  })
})

test.each<{ lines: string[]; minorVersion: 0 | 1; isKept: boolean }>([
  { lines: [], minorVersion: 1, isKept: true },
  { lines: ['Connection: keep-alive'], minorVersion: 1, isKept: true },
  { lines: ['Connection: close'], minorVersion: 1, isKept: false },
  { lines: ['Connection: x, CLOSE'], minorVersion: 1, isKept: false },
  { lines: ['Connection: keep-alive', 'Connection: close'], minorVersion: 1, isKept: false },
  { lines: ['Connection: close, keep-alive'], minorVersion: 1, isKept: false },
  { lines: ['Connection: closed'], minorVersion: 1, isKept: true },
  { lines: ['Transfer-Encoding: chunked'], minorVersion: 1, isKept: true },
  { lines: ['Connection: kept'], minorVersion: 0, isKept: false },
  { lines: [], minorVersion: 0, isKept: false },
  { lines: ['Connection: Keep-Alive'], minorVersion: 0, isKept: true },
  { lines: ['Connection: keep-alive, close'], minorVersion: 0, isKept: false },
  {
    lines: ['Connection: keep-alive', 'Transfer-Encoding: chunked'],
    minorVersion: 0,
    isKept: false,
  },
])('HTTP/1.$minorVersion with $lines is kept: $isKept', ({ lines, minorVersion, isKept }) => {
  expect(isPersistent(head(lines, { minorVersion }))).toBe(isKept)
})

test.each<{ lines: string[]; ms: number | undefined }>([
  { lines: [], ms: undefined },
  { lines: ['Keep-Alive: timeout=5'], ms: 5000 },
  { lines: ['Keep-Alive: timeout=15'], ms: 15_000 },
  { lines: ['Keep-Alive: max=99, Timeout=5'], ms: 5000 },
  { lines: ['Keep-Alive: timeout=0'], ms: 0 },
  { lines: ['Keep-Alive: timeout=x'], ms: undefined },
  { lines: ['Keep-Alive: mytimeout=5'], ms: undefined },
])('$lines keeps for $ms ms', ({ lines, ms }) => {
  expect(keepAliveMs(head(lines).fields)).toBe(ms)
})

test.each<{ lines: string[]; status: number; announces: boolean }>([
  { lines: ['Content-Length: 5'], status: 200, announces: false },
  { lines: ['Content-Length: 5'], status: 304, announces: true },
  { lines: ['Transfer-Encoding: chunked'], status: 204, announces: true },
  { lines: ['Content-Length: 0'], status: 204, announces: false },
  { lines: [], status: 304, announces: false },
])('$status with $lines announces a body that is not there: $announces', (row) => {
  expect(announcesMissingBody(head(row.lines, { status: row.status }))).toBe(row.announces)
})
