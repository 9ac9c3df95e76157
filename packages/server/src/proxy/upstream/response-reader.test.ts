import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ResponseReader } from './response-reader.ts'

interface Asked {
  readonly method?: string
  readonly isWebSocket?: boolean
}

/**
 * What a reader tells of these pieces, content joined. The octets of a piece are overwritten as soon
 * as it has been read, as those of a socket are.
 */
function told(pieces: readonly Buffer[], { method = 'GET', isWebSocket = false }: Asked = {}) {
  const events: string[] = []
  let content = ''
  const reader = new ResponseReader(
    { method, isWebSocket },
    {
      onInterim: () => void events.push('interim'),
      onHead: ({ status, reasonPhrase, fields }) =>
        void events.push(`head ${status} ${reasonPhrase} ${fields.join('|')}`),
      onBody: (octets) => {
        content += octets.toString('latin1')
      },
      onEnd: (trailers) => void events.push(`end ${trailers.join('|')}`),
    },
  )
  for (const piece of pieces) {
    const octets = Buffer.from(piece)
    const state = reader.read(octets)
    octets.fill('!')
    if (state.kind === 'unfinished') continue
    const outcome =
      state.kind === 'malformed'
        ? state.reason
        : state.kind === 'upgraded'
          ? `upgraded ${state.head.status} ${state.rest.toString('latin1')}`
          : `whole${state.hasExcess ? ' with excess' : ''}`
    return { events, content, outcome }
  }
  return { events, content, outcome: reader.end() ? 'ended' : 'cut off' }
}

const octets = (text: string): Buffer => Buffer.from(text, 'latin1')
const answer = (...lines: string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')
const CHUNKED = 'Transfer-Encoding: chunked'
const LONGEST = 'b'.repeat(16_342)

describe('an answer is read', () => {
  test.each<{ text: string; asked?: Asked; events: string[]; content: string; outcome: string }>([
    {
      text: `${answer('Content-Length: 5', 'X: \u00e9')}hello`,
      events: ['head 200 OK Content-Length|5|X|\u00e9', 'end '],
      content: 'hello',
      outcome: 'whole',
    },
    {
      text: `${answer('Content-Length: 5')}hello!`,
      events: ['head 200 OK Content-Length|5', 'end '],
      content: 'hello',
      outcome: 'whole with excess',
    },
    {
      text: `${answer(CHUNKED)}2\r\nok\r\n0\r\nA: b\r\n\r\n`,
      events: ['head 200 OK Transfer-Encoding|chunked', 'end A|b'],
      content: 'ok',
      outcome: 'whole',
    },
    {
      text: `${answer(CHUNKED)}0\r\n\r\nHTTP/1.1 200 OK\r\n`,
      events: ['head 200 OK Transfer-Encoding|chunked', 'end '],
      content: '',
      outcome: 'whole with excess',
    },
    {
      text: `${answer()}until the end`,
      events: ['head 200 OK ', 'end '],
      content: 'until the end',
      outcome: 'ended',
    },
    {
      text: 'HTTP/1.0 200\r\n\r\nold',
      events: ['head 200  ', 'end '],
      content: 'old',
      outcome: 'ended',
    },
    {
      text: answer('Content-Length: 5'),
      asked: { method: 'HEAD' },
      events: ['head 200 OK Content-Length|5', 'end '],
      content: '',
      outcome: 'whole',
    },
    {
      text: `${answer('Content-Length: 5')}hello`,
      asked: { method: 'HEAD' },
      events: ['head 200 OK Content-Length|5', 'end '],
      content: '',
      outcome: 'whole with excess',
    },
    {
      text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      events: ['head 304 Not Modified Content-Length|5', 'end '],
      content: '',
      outcome: 'whole',
    },
    {
      text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n${answer('Content-Length: 0')}`,
      events: ['interim', 'interim', 'head 200 OK Content-Length|0', 'end '],
      content: '',
      outcome: 'whole',
    },
    {
      text: 'HTTP/1.1 101 Go\r\nUpgrade: WebSocket\r\n\r\nframes',
      asked: { isWebSocket: true },
      events: [],
      content: '',
      outcome: 'upgraded 101 frames',
    },
    {
      text: `HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno`,
      asked: { isWebSocket: true },
      events: ['head 426 No Content-Length|2', 'end '],
      content: 'no',
      outcome: 'whole',
    },
  ])('$text', ({ text, asked, ...expected }) => {
    expect(told([octets(text)], asked)).toEqual(expected)
  })

  test('with a header section of 16 KiB, each by itself, and no octet more', () => {
    const whole = answer('Content-Length: 0', `A:${LONGEST}`)
    expect(whole).toHaveLength(16_384)
    expect(told([octets(whole)]).outcome).toBe('whole')
    expect(told([octets(`HTTP/1.1 100 Go\r\n\r\n${whole}`)]).outcome).toBe('whole')
    const longer = answer('Content-Length: 0', `A:${LONGEST}b`)
    expect(told([octets(longer)]).outcome).toBe('the header section is too long')
  })
})

const NO_HEAD = 'the header section is malformed'
const NO_FRAMING = 'the framing is malformed'
const NO_UPGRADE = 'an upgrade that was not asked for'

describe('an answer is refused', () => {
  test.each<{ text: string; asked?: Asked; outcome: string; because: string }>([
    { text: 'SSH-2.0-OpenSSH\r\n', outcome: NO_HEAD, because: 'another protocol, before its end' },
    { text: '\r\nHTTP/1.1 200 OK\r\n\r\n', outcome: NO_HEAD, because: 'an empty line before it' },
    { text: 'HTTP/2 200 OK\r\n\r\n', outcome: NO_HEAD, because: 'another version' },
    { text: 'HTTP/1.1 099 X\r\n\r\n', outcome: NO_HEAD, because: 'no status' },
    { text: answer('A : b'), outcome: NO_HEAD, because: 'a blank before the colon' },
    { text: answer('A: b', ' c'), outcome: NO_HEAD, because: 'a folded line' },
    { text: answer('A: b\nC: d'), outcome: NO_HEAD, because: 'LF by itself' },
    {
      text: 'HTTP/1.1 200 OK\nA: b\n\nbody',
      outcome: NO_HEAD,
      because: 'LF alone, without an end',
    },
    { text: 'HTTP/1.1 200 OK\r\nA: b\n', outcome: NO_HEAD, because: 'LF in a later line' },
    { text: answer('A: b\u0000'), outcome: NO_HEAD, because: 'NUL' },
    {
      text: answer('Content-Length: 1', CHUNKED),
      outcome: NO_FRAMING,
      because: 'a length and a coding',
    },
    {
      text: `${answer('Content-Length: 1', 'Content-Length: 1')}a`,
      outcome: NO_FRAMING,
      because: 'the same length twice',
    },
    { text: answer('Transfer-Encoding: gzip'), outcome: NO_FRAMING, because: 'another coding' },
    {
      text: `${answer(CHUNKED)}zz`,
      outcome: 'the chunks are malformed',
      because: 'no size of a chunk',
    },
    {
      text: answer(`A: ${'b'.repeat(16_384)}`),
      outcome: 'the header section is too long',
      because: 'more than 16 KiB',
    },
    {
      text: `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(16_384)}`,
      outcome: 'the header section is too long',
      because: 'more than 16 KiB, and no end',
    },
    {
      text: 'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n',
      outcome: NO_UPGRADE,
      because: 'nobody asked',
    },
    {
      text: 'HTTP/1.1 101 Go\r\nUpgrade: h2c\r\n\r\n',
      asked: { isWebSocket: true },
      outcome: NO_UPGRADE,
      because: 'to something else',
    },
    { text: '', outcome: 'cut off', because: 'nothing' },
    { text: 'HTTP/1.1 200 OK\r\nA: b\r\n', outcome: 'cut off', because: 'no end of the head' },
    { text: 'HTTP/1.1 100 Continue\r\n\r\n', outcome: 'cut off', because: 'no final answer' },
    {
      text: `${answer('Content-Length: 5')}hell`,
      outcome: 'cut off',
      because: 'an octet is missing',
    },
    { text: `${answer(CHUNKED)}2\r\nok\r\n`, outcome: 'cut off', because: 'no last chunk' },
    { text: `${answer(CHUNKED)}0\r\n`, outcome: 'cut off', because: 'no end of the trailers' },
  ])('$because', ({ text, asked, outcome }) => {
    expect(told([octets(text)], asked).outcome).toBe(outcome)
  })
})

test('however an answer is cut on its way, it is the same', () => {
  const line = fc.constantFrom(
    'Content-Length: 5',
    'Content-Length: 0',
    'Content-Length: 5x',
    CHUNKED,
    'Connection: close',
    'Upgrade: websocket',
    'A : b',
    `A: ${'b'.repeat(300)}`,
  )
  const start = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 204 ',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made',
    'HTTP/1.1 101 Go',
    'HTTP/3 200',
  )
  const body = fc.constantFrom(
    '',
    'hello',
    'hello, and more',
    '5\r\nhello\r\n0\r\n\r\n',
    '5;e=f\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n',
    '5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    '5\r\nhello0\r\n\r\n',
  )
  const text = fc
    .tuple(start, fc.array(line, { maxLength: 3 }), body)
    .map(([first, lines, rest]) => [first, ...lines, '', rest].join('\r\n'))
  const asked = fc.record({ method: fc.constantFrom('GET', 'HEAD'), isWebSocket: fc.boolean() })
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 8 })
  fc.assert(
    fc.property(text, asked, cuts, (sent, request, at) => {
      const whole = octets(sent)
      const places = [0, ...at.toSorted((one, other) => one - other), whole.length]
      const pieces = places.slice(1).map((place, index) => whole.subarray(places[index], place))
      const inPieces = told(
        pieces.filter(({ length }) => length > 0),
        request,
      )
      const inOne = told([whole], request)
      // What follows a whole answer, or an upgrade, is seen as far as it has come.
      const settled = (outcome: string): string =>
        outcome.startsWith('upgraded') ? 'upgraded' : outcome.replace(' with excess', '')
      expect({ ...inPieces, outcome: settled(inPieces.outcome) }).toEqual({
        ...inOne,
        outcome: settled(inOne.outcome),
      })
    }),
    { numRuns: 2000 },
  )
})
