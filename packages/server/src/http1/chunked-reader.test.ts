import { describe, expect, test } from 'vitest'
import { ChunkedReader } from './chunked-reader.ts'

/** What a reader makes of these pieces, one after another: content, trailers, and how it ended. */
function read(pieces: readonly string[]) {
  const reader = new ChunkedReader()
  let content = ''
  let end: number | 'unfinished' | 'malformed' = 'unfinished'
  for (const piece of pieces) {
    end = reader.read(Buffer.from(piece, 'latin1'), 0, (part) => {
      content += part.toString('latin1')
    })
    if (end !== 'unfinished') break
  }
  return { content, end, trailers: reader.trailers }
}

const octetByOctet = (text: string): string[] => text.split('')

describe('a chunked body is read', () => {
  test.each<{ body: string; content: string; trailers?: string[]; because: string }>([
    { body: '0\r\n\r\n', content: '', because: 'of nothing' },
    { body: '5\r\nhello\r\n0\r\n\r\n', content: 'hello', because: 'of one chunk' },
    { body: '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', content: 'abc', because: 'of several' },
    {
      body: 'A\r\n0123456789\r\n0\r\n\r\n',
      content: '0123456789',
      because: 'digits are of base 16',
    },
    { body: 'a\r\n0123456789\r\n0\r\n\r\n', content: '0123456789', because: 'in either case' },
    { body: '0000000000002\r\nok\r\n0\r\n\r\n', content: 'ok', because: 'up to 13 digits' },
    {
      body: `1a\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`,
      content: 'x'.repeat(26),
      because: 'the second digit counts sixteen times less',
    },
    {
      body: '2;a=b;c="d e"\r\nok\r\n0;x\r\n\r\n',
      content: 'ok',
      because: 'extensions are skipped',
    },
    { body: '2 \t;a\r\nok\r\n0\r\n\r\n', content: 'ok', because: 'blanks may precede them' },
    { body: '2\r\n\r\n\r\n0\r\n\r\n', content: '\r\n', because: 'content may be line ends' },
    { body: '3\r\n0\r\n\r\n0\r\n\r\n', content: '0\r\n', because: 'or look like an end' },
    {
      body: '2\r\nok\r\n000\r\nA: b\r\nc:d\r\n\r\n',
      content: 'ok',
      trailers: ['A', 'b', 'c', 'd'],
      because: 'trailers follow',
    },
    { body: `1;${'e'.repeat(1024)}\r\nx\r\n0\r\n\r\n`, content: 'x', because: 'a long extension' },
    {
      body: `0\r\nA:${'b'.repeat(16_378)}\r\n\r\n`,
      content: '',
      trailers: ['A', 'b'.repeat(16_378)],
      because: 'long trailers',
    },
  ])('$because', ({ body, content, trailers = [] }) => {
    expect(read([body])).toEqual({ content, end: body.length, trailers })
    expect(read(octetByOctet(body))).toEqual({ content, end: 1, trailers })
    expect(read([`${body}HTTP/1.1`])).toEqual({ content, end: body.length, trailers })
  })
})

describe('a chunked body is malformed', () => {
  test.each<{ body: string; because: string }>([
    { body: '\r\n', because: 'no size' },
    { body: ';a\r\n', because: 'an extension of no size' },
    { body: ' 1\r\na\r\n', because: 'a blank before the size' },
    { body: '1 \r\na\r\n', because: 'a blank behind the size and no extension' },
    { body: '1 2\r\n', because: 'two sizes' },
    { body: '0x1\r\na', because: 'a prefix' },
    { body: '+1\r\na', because: 'a sign' },
    { body: '-1\r\na', because: 'a negative size' },
    { body: '1_0\r\n', because: 'a separator' },
    { body: 'g\r\n', because: 'no digit' },
    { body: '00000000000001\r\na', because: '14 digits' },
    { body: 'FFFFFFFFFFFFFFFFF\r\na', because: 'a size that would be rounded' },
    { body: '1\na\r\n', because: 'LF by itself behind the size' },
    { body: '1\ra', because: 'CR by itself behind the size' },
    { body: '1;a\nb\r\n', because: 'LF by itself in an extension' },
    { body: '1;a\u0000\r\n', because: 'NUL in an extension' },
    { body: '1;a\rb\r\n', because: 'CR by itself in an extension' },
    { body: `1;${'e'.repeat(1025)}`, because: 'an extension without end' },
    { body: `1${' '.repeat(2000)}`, because: 'blanks without end' },
    { body: '1\r\nab', because: 'more content than announced' },
    { body: '1\r\na\n0', because: 'LF by itself behind the content' },
    { body: '1\r\na\r0', because: 'CR by itself behind the content' },
    { body: '1\r\na0\r\n\r\n', because: 'no line end behind the content' },
    { body: '0\r\nA : b\r\n\r\n', because: 'a blank before the colon of a trailer' },
    { body: '0\r\nA\r\n\r\n', because: 'a trailer without a colon' },
    { body: '0\r\nA: b\r\n c\r\n\r\n', because: 'a folded trailer' },
    { body: `0\r\nA: ${'b'.repeat(17_000)}`, because: 'trailers without end' },
    { body: `0\r\nA:${'b'.repeat(16_379)}\r\n\r\n`, because: 'trailers too long' },
  ])('$because', ({ body }) => {
    expect(read([body]).end).toBe('malformed')
    expect(read(octetByOctet(body)).end).toBe('malformed')
  })
})

describe('a chunked body goes on', () => {
  test.each([
    '',
    '5',
    '5\r',
    '5\r\n',
    '5\r\nhell',
    '5\r\nhello',
    '5\r\nhello\r\n',
    '0\r\n',
    '0\r\n\r',
  ])('%j', (body) => {
    expect(read([body]).end).toBe('unfinished')
  })
})
