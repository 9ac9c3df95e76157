import { describe, expect, test } from 'vitest'
import { readFraming } from './request-framing.ts'

const LENGTH = 'Content-Length'
const CODING = 'Transfer-Encoding'

describe('the end of a request is in doubt', () => {
  test.each<{ fields: readonly string[]; minorVersion?: 0 | 1; because: string }>([
    { fields: [LENGTH, '5', CODING, 'chunked'], because: 'length and chunks' },
    { fields: [CODING, 'chunked', LENGTH, '0'], because: 'chunks and no length' },
    { fields: [LENGTH, '5', LENGTH, '6'], because: 'two lengths' },
    { fields: [LENGTH, '5', 'content-length', '5'], because: 'the same length twice' },
    { fields: [LENGTH, '0', LENGTH, '0'], because: 'no body, twice' },
    { fields: [LENGTH, '5, 5'], because: 'a list of lengths' },
    { fields: [LENGTH, ''], because: 'an empty length' },
    { fields: [LENGTH, '+5'], because: 'a sign' },
    { fields: [LENGTH, '-0'], because: 'a sign before nothing' },
    { fields: [LENGTH, '0x5'], because: 'hexadecimal' },
    { fields: [LENGTH, '5.0'], because: 'a fraction' },
    { fields: [LENGTH, '1e1'], because: 'an exponent' },
    { fields: [LENGTH, '5\t'], because: 'a blank that nobody trimmed' },
    { fields: [LENGTH, '\u0665'], because: 'another script’s digit' },
    { fields: [LENGTH, '9'.repeat(16)], because: 'more than is counted exactly' },
    { fields: [CODING, 'gzip, chunked'], because: 'a coding that nobody undoes' },
    { fields: [CODING, 'chunked, chunked'], because: 'chunks of chunks' },
    { fields: [CODING, 'xchunked'], because: 'another coding' },
    { fields: [CODING, 'identity'], because: 'a coding that is gone (RFC 9112 §7)' },
    { fields: [CODING, ''], because: 'no coding' },
    { fields: [CODING, 'chunked', CODING, 'chunked'], because: 'two lines of codings' },
    { fields: [CODING, 'chunked'], minorVersion: 0, because: 'HTTP/1.0 has no chunks' },
  ])('$because', ({ fields, minorVersion = 1 }) => {
    expect(readFraming(fields, minorVersion)).toBeUndefined()
  })
})

describe('a body is announced', () => {
  test.each<{ fields: readonly string[]; announced: boolean; because: string }>([
    { fields: [LENGTH, '1'], announced: true, because: 'a length' },
    { fields: [LENGTH, '00'], announced: true, because: 'another zero: doubt closes' },
    { fields: ['cONTENT-lENGTH', '5'], announced: true, because: 'whatever the case' },
    { fields: [CODING, 'Chunked'], announced: true, because: 'chunks' },
    { fields: [LENGTH, '0'], announced: false, because: 'a length of nothing' },
    { fields: ['Content_Length', '5'], announced: false, because: 'another name' },
    { fields: ['X-Content-Length', '5'], announced: false, because: 'a longer name' },
    { fields: ['Content-Lengti', '5'], announced: false, because: 'a name of the same length' },
    { fields: [], announced: false, because: 'nothing said' },
  ])('$announced: $because', ({ fields, announced }) => {
    expect(readFraming(fields, 1)?.hasBody).toBe(announced)
  })
})

describe('a connection is kept', () => {
  test.each<{ fields: readonly string[]; minorVersion?: 0 | 1; kept: boolean; because: string }>([
    { fields: ['Connection', 'close'], kept: false, because: 'close' },
    { fields: ['Connection', 'CLOSE'], kept: false, because: 'whatever the case' },
    { fields: ['Connection', 'a,\t close ,b'], kept: false, because: 'close among others' },
    { fields: ['Connection', 'keep-alive, close'], kept: false, because: 'close wins' },
    {
      fields: ['Connection', 'close', 'Connection', 'keep-alive'],
      kept: false,
      because: 'close wins, whichever line it is on',
    },
    { fields: [], minorVersion: 0, kept: false, because: 'HTTP/1.0 closes' },
    {
      fields: ['Connection', 'close, keep-alive'],
      minorVersion: 0,
      kept: false,
      because: 'close wins in HTTP/1.0 too',
    },
    { fields: ['Connection', 'kept'], minorVersion: 0, kept: false, because: 'another word' },
    { fields: ['Keep-Alive', 'timeout=5'], minorVersion: 0, kept: false, because: 'another field' },
    { fields: ['Connection', 'closed'], kept: true, because: 'another word' },
    { fields: ['Connection', ''], kept: true, because: 'no word' },
    { fields: [], kept: true, because: 'HTTP/1.1 keeps' },
    {
      fields: ['Connection', 'Keep-Alive'],
      minorVersion: 0,
      kept: true,
      because: 'HTTP/1.0 that asks for it',
    },
  ])('$kept: $because', ({ fields, minorVersion = 1, kept }) => {
    expect(readFraming(fields, minorVersion)?.keepsConnection).toBe(kept)
  })
})

describe('an expectation', () => {
  test.each<{ fields: readonly string[]; minorVersion?: 0 | 1; gives: string; because: string }>([
    { fields: ['Expect', 'more'], gives: 'something_else', because: 'nobody knows it' },
    { fields: ['Expect', ''], gives: 'something_else', because: 'an empty one' },
    { fields: ['Expect', '100-continued'], gives: 'something_else', because: 'a longer word' },
    { fields: ['Expect', '100-continue, a'], gives: 'something_else', because: 'one is not known' },
    {
      fields: ['Expect', 'a', 'Expect', '100-continue'],
      gives: 'something_else',
      because: 'one of two lines is not known',
    },
    { fields: ['expect', '100-Continue'], gives: '100-continue', because: 'whatever the case' },
    { fields: ['Expect', 'more'], minorVersion: 0, gives: 'nothing', because: 'HTTP/1.0' },
    { fields: [], gives: 'nothing', because: 'nothing said' },
  ])('$gives: $because', ({ fields, minorVersion = 1, gives }) => {
    expect(readFraming(fields, minorVersion)?.expectation).toBe(gives)
  })
})
