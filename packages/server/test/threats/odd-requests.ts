/** Requests that two readers may read as two, or as none (T42). */
export const DOUBTFUL_REQUESTS: readonly {
  /** @param head field lines to be among its own, each with its end. */
  readonly octets: (head: string) => string
  readonly because: string
  /** Where it matters; everywhere if it does not say. */
  readonly only?: 'proxy'
}[] = [
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
    only: 'proxy', // nobody else reads a body
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
  { octets: (head) => `TRACE / HTTP/1.1\r\n${head}\r\n`, because: 'TRACE', only: 'proxy' },
  { octets: (head) => `OPTIONS * HTTP/1.1\r\n${head}\r\n`, because: 'no path' },
  { octets: (head) => `GET admin HTTP/1.1\r\n${head}\r\n`, because: 'no path' },
]

/** Request lines of pieces that mean something to readers of them, the same for the same seed (T16). */
export function* oddRequestLines(seed: number): Generator<string, never> {
  const random = mulberry(seed)
  for (;;) {
    yield Array.from(
      { length: 1 + Math.floor(random() * 7) },
      () => PIECES[Math.floor(random() * PIECES.length)],
    ).join('')
  }
}

const PIECES = [
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

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
