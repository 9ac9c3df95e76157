import { isDeepStrictEqual } from 'node:util'
import { type ReadRequest, RequestReader } from '../../packages/server/src/http1/request-reader.ts'
import { ResponseReader } from '../../packages/server/src/proxy/upstream/response-reader.ts'
import { mustHold, pureTarget, words } from '../target.ts'

const HEADER_BYTES_MAX = 512
const PIECES = [
  '\r\n',
  '\r\n\r\n',
  '\r',
  '\n',
  '\0',
  '\t',
  ' ',
  ': ',
  '\r\nContent-Length: 3',
  '\r\nContent-Length: 0',
  '\r\nTransfer-Encoding: chunked',
  '\r\nConnection: ',
  '\r\n folded',
  '\r\n3\r\nabc\r\n0\r\n\r\n',
  ...words(
    'HTTP/1.1 HTTP/1.0 HTTP/2.0 close keep-alive upgrade , ; 0 1 3 ffffffffffffffff +3 0x3 GET',
  ),
]

/** Octets of a connection on the check endpoint (RFC 9112 §3, §5, §6). */
export const requestHead = pureTarget({
  name: 'request-head',
  shape: 'text',
  seeds: [
    'GET /check/v1 HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n',
    '\r\nHEAD /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.1\r\nExpect: x\r\n\r\n',
  ],
  pieces: PIECES,
  lengthMax: 1200,
  run: (text) => {
    const octets = Buffer.from(text, 'latin1')
    const read = requestsIn([octets])
    mustHold(isDeepStrictEqual(requestsIn(cut(octets)), read), 'however it is cut')
    for (const [at, request] of read.entries()) {
      if (typeof request === 'string') continue
      mustHold(isDeepStrictEqual(requestsIn([written(request)])[0], request), 'written again')
      mustHold(!request.hasBody || request.isLast, 'a body is the end of what is read')
      mustHold(!request.isLast || at === read.length - 1, 'behind the last there is none')
    }
  },
})

/** Octets of a connection to the upstream, as the answer to `GET` (RFC 9112 §4 to §7). */
export const upstreamAnswer = pureTarget({
  name: 'upstream-answer',
  shape: 'text',
  seeds: [
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nA: b\r\n\r\n',
    'HTTP/1.0 200\r\n\r\nuntil the end',
    'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\nframe',
  ],
  pieces: PIECES,
  lengthMax: 1200,
  run: (text) => {
    const octets = Buffer.from(text, 'latin1')
    const told = answerIn([octets])
    mustHold(isDeepStrictEqual(answerIn(cut(octets)), told), 'however it is cut')
    mustHold(told.heads <= 1 && told.ends <= told.heads, 'one head, and then one end')
    mustHold(
      told.announced === undefined || told.ends === 0 || told.announced === told.body.length,
      'a body is as long as it was announced',
    )
    mustHold(
      octets.toString('latin1').includes(told.body) || told.isChunked,
      'a body is what was sent',
    )
  },
})

/** In pieces of one to seven octets, which its length says. */
function cut(octets: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0, length = (octets.length % 7) + 1; at < octets.length; at += length) {
    pieces.push(octets.subarray(at, at + length))
  }
  return pieces
}

/** What is read, problems by name. */
function requestsIn(pieces: readonly Buffer[]): readonly (ReadRequest | string)[] {
  const reader = new RequestReader({ headerBytesMax: HEADER_BYTES_MAX })
  const read: (ReadRequest | string)[] = []
  for (const piece of pieces) {
    reader.add(Buffer.from(piece))
    for (let reading = reader.next(); reading !== 'incomplete' && reading !== 'over'; ) {
      read.push(reading)
      reading = reader.next()
    }
  }
  return read
}

function written({ method, target, minorVersion, fields }: ReadRequest): Buffer {
  let text = `${method} ${target} HTTP/1.${minorVersion}\r\n`
  for (let at = 0; at < fields.length; at += 2) text += `${fields[at]}:${fields[at + 1]}\r\n`
  return Buffer.from(`${text}\r\n`, 'latin1')
}

interface ToldAnswer {
  heads: number
  ends: number
  body: string
  /** What `Content-Length` said. */
  announced: number | undefined
  isChunked: boolean
}

function answerIn(pieces: readonly Buffer[]): ToldAnswer {
  const told: ToldAnswer = { heads: 0, ends: 0, body: '', announced: undefined, isChunked: false }
  const reader = new ResponseReader(
    { method: 'GET', isWebSocket: false },
    {
      onInterim: () => {},
      onHead: ({ status, fields }) => {
        told.heads++
        const names = fields.map((name, at) => (at % 2 === 0 ? name.toLowerCase() : ''))
        const length = fields[names.indexOf('content-length') + 1]
        const hasLength = names.includes('content-length') && status !== 204 && status !== 304
        told.announced = hasLength ? Number(length) : undefined
        told.isChunked = names.includes('transfer-encoding')
      },
      onBody: (octets) => void (told.body += octets.toString('latin1')),
      onEnd: () => void told.ends++,
    },
  )
  for (const piece of pieces) {
    if (reader.read(Buffer.from(piece)).kind !== 'unfinished') return told
  }
  reader.end()
  return told
}
