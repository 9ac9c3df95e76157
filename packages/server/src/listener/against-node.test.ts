/**
 * The listener beside Node's HTTP server, over sockets: never laxer, and the same to a proxy. Left out
 * is what is pipelined behind an upgrade that is declined: Node loses it.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer, HeaderFields } from '@keyfence/core'
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  oneof,
  record,
  tuple,
  uniqueArray,
} from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dial, listen, readAll } from '../proxy/proxy-fixture.ts'
import { startAnsweringListener } from './answering-listener.ts'
import type { DataListener } from './data-listener.ts'
import { failureAnswer, sendAnswer } from './own-answer.ts'

const HEADER_BYTES_MAX = 1024
const KEEP_ALIVE_MS = 5000

/** What was read of the octets of one connection. */
interface Reading {
  readonly requests: { method: string; target: string; fields: HeaderFields }[]
  /** The rest was no request. */
  isRefused: boolean
}

let node: Server
let nodePort: number
let nodeRead: Reading
let own: DataListener
let ownRead: Reading

/** The same answers from both. */
function answerTo(target: string): Answer {
  const status = target === '/refused' ? 401 : target === '/preflight' ? 204 : 200
  const body = status === 401 ? '{"error":"no"}' : ''
  return { status, headers: [['Keyfence-Owner', 'acme:42']], body }
}

beforeAll(async () => {
  node = createServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requireHostHeader: false,
    shouldUpgradeCallback: () => false,
  })
  node.maxHeadersCount = 0
  const note = ({ method = '', url = '', rawHeaders }: IncomingMessage): void =>
    void nodeRead.requests.push({ method, target: url, fields: rawHeaders })
  for (const event of ['request', 'checkContinue'] as const) {
    node.on(event, (request, response) => {
      note(request)
      sendAnswer(request, response, answerTo(request.url ?? ''))
    })
  }
  // Neither asks the door.
  node.on('checkExpectation', (request, response) =>
    sendAnswer(request, response, failureAnswer(417, undefined)),
  )
  node.on('connect', (_request: IncomingMessage, socket: Socket) => socket.end())
  node.on('clientError', (_error, socket) => {
    nodeRead.isRefused = true
    socket.destroy()
  })
  nodePort = await listen(node)
  own = await startAnsweringListener(
    {
      timeouts: { headersMs: 5000, requestMs: 0, keepAliveMs: KEEP_ALIVE_MS },
      limits: { connectionsMax: 100, headerBytesMax: HEADER_BYTES_MAX },
      log: { error: (_fields, message) => expect.fail(message) },
      answer: ({ method, target, fields }) => {
        ownRead.requests.push({ method, target, fields })
        return answerTo(target)
      },
    },
    { host: '127.0.0.1', port: 0 },
  )
})

afterAll(async () => {
  node.closeAllConnections()
  node.close()
  await own.close({ drainMs: 0 })
})

/** Sends octets to both, and then nothing more. */
async function readBoth(octets: string): Promise<{ nodeText: string; ownText: string }> {
  nodeRead = { requests: [], isRefused: false }
  ownRead = { requests: [], isRefused: false }
  const [nodeText, ownText] = [
    await sendAll(nodePort, octets),
    await sendAll(own.address.port, octets),
  ]
  ownRead.isRefused = /HTTP\/1\.1 4(?:00|31) /.test(ownText)
  return { nodeText, ownText }
}

async function sendAll(port: number, octets: string): Promise<string> {
  const caller = await dial(port, octets)
  caller.end()
  return readAll(caller)
}

const method = constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND', 'QUERY')
const target = constantFrom('/', '/a?b=c', '/%2e%2e//x', '/refused', 'http://a.example/b')
const goodLine = constantFrom(
  'Host: a.example',
  'Accept:*/*',
  'X-Forwarded-For: \t203.0.113.7 ',
  'Origin: https://a',
  'A:',
  'Origin: null',
  'Connection: keep-alive',
  'Content-Length: 0',
  'Upgrade: websocket',
  'X: \u00e9\u00ff',
  "!#$%&'*+-.^_`|~: z",
)
const goodHead = tuple(method, target, uniqueArray(goodLine, { maxLength: 8 })).map(
  ([verb, to, lines]) => [`${verb} ${to} HTTP/1.1`, ...lines, '', ''].join('\r\n'),
)

const oddMethod = constantFrom('get', 'BREW', 'G(T', '', 'GET\t', ' GET', 'PRI', 'DESCRIBE')
const oddTarget = constantFrom(
  '',
  '*',
  'a',
  '?',
  '/ ',
  '//',
  '/\u0000',
  '/\t',
  '/\u007f',
  '/\u00e9',
  '/a b',
  '/#a#b',
  'http://',
  'http:///',
  'ftp://a/',
  'http://a"b/',
  'http://a{/',
  'http://a@b@c/',
  '\\',
  'a:1',
)
const oddVersion = constantFrom(
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/1.10',
  'http/1.1',
  'HTTP/1.1 ',
  '',
)
const oddLine = constantFrom(
  'A : b',
  ' A: b',
  '\tb',
  ': b',
  'A',
  'A\u0000: b',
  'A: \u0000',
  'A: b\r',
  'A: b\nC: d',
  'A(b): c',
  'A\u00e9: b',
  'A: b\r\n c',
  'A: \u007f',
  'A: \u000b',
  'A: b\rC: d',
  '\r',
  '\n',
  'Content-Length: 3',
  'Content-Length: 3, 3',
  'Content-Length: +3',
  'Content-Length:',
  'Content-Length: 0x3',
  'Content-Length : 3',
  'Content-Length: 99999999999999999999',
  'Content-Length: 3 ',
  'Content-Length: 3\t3',
  'Content-Length: 03',
  'Content_Length: 3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: a,chunked',
  'Connection: close',
  'Connection: close, keep-alive',
  'Connection: Content-Length',
  'Host: b',
  'Expect: more',
  'Upgrade: h2c',
  `X: ${'x'.repeat(HEADER_BYTES_MAX)}`,
)
const lineEnd = oneof(
  { weight: 20, arbitrary: constant('\r\n') },
  { weight: 1, arbitrary: constantFrom('\n', '\r', '\r\r\n', '\n\r', ' \r\n') },
)
const often = <T>(usual: Arbitrary<T>, odd: Arbitrary<T>): Arbitrary<T> =>
  oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: odd })
const damagedHead = record({
  before: constantFrom('', '', '', '', '\r\n', '\r\n\r\n', '\n', '\r', ' '),
  verb: often(method, oddMethod),
  to: often(target, oddTarget),
  blank: constantFrom(' ', ' ', ' ', ' ', ' ', '  ', '\t'),
  version: often(constant('HTTP/1.1'), oddVersion),
  lines: array(tuple(often(goodLine, oddLine), lineEnd), { maxLength: 6 }),
  ends: tuple(lineEnd, lineEnd),
}).map(({ before, verb, to, blank, version, lines, ends }) =>
  [before, verb, blank, to, ' ', version, ends[0], ...lines.flat(), ends[1]].join(''),
)
const body = constantFrom('', '', '', 'abc', '0\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n', 'x\r\n')
const octetsOf = array(tuple(oneof(goodHead, damagedHead), body), {
  minLength: 1,
  maxLength: 4,
}).map((messages) => messages.flat().join(''))

describe('beside Node’s HTTP server', () => {
  test('what is accepted, Node reads as the same; what Node refuses is refused', async () => {
    await assert(
      asyncProperty(octetsOf, async (octets) => {
        const { ownText } = await readBoth(octets)
        const accepted = ownRead.requests
        expect(accepted).toEqual(nodeRead.requests.slice(0, accepted.length))
        // Behind a request that ends its connection Node reads on, and nothing is read here.
        const isOver = ownRead.isRefused || ownText.includes('\r\nConnection: close\r\n')
        if (nodeRead.isRefused) expect(isOver).toBe(true)
        if (accepted.length < nodeRead.requests.length) expect(isOver).toBe(true)
      }),
      { numRuns: 800 },
    )
  })

  test('what is well-formed is accepted, as many as there are', async () => {
    const heads = array(goodHead, { minLength: 1, maxLength: 4 })
    await assert(
      asyncProperty(heads, async (wellFormed) => {
        await readBoth(wellFormed.join(''))
        expect(ownRead).toEqual(nodeRead)
        expect(ownRead.requests).toHaveLength(wellFormed.length)
      }),
      { numRuns: 300 },
    )
  })

  test.each<{ octets: string }>([
    { octets: 'GET / HTTP/1.1\r\n\r\n' },
    { octets: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n' },
    { octets: 'GET / HTTP/1.1\r\nConnection: a, Close\r\n\r\n' },
    { octets: 'GET / HTTP/1.0\r\n\r\n' },
    { octets: 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n' },
    { octets: 'HEAD /refused HTTP/1.1\r\n\r\n' },
    { octets: 'HEAD /refused HTTP/1.0\r\nConnection: keep-alive\r\n\r\n' },
    { octets: 'GET /refused HTTP/1.1\r\n\r\n' },
    { octets: 'OPTIONS /preflight HTTP/1.1\r\n\r\n' },
    { octets: 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n' },
    { octets: 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc' },
    { octets: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' },
    { octets: 'POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc' },
    { octets: 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n' },
    { octets: 'GET / HTTP/1.1\r\nExpect: more\r\n\r\n' },
    { octets: '\r\nGET / HTTP/1.1\r\n\r\nGET /refused HTTP/1.1\r\n\r\n' },
  ])('a proxy sees the same answer to $octets', async ({ octets }) => {
    const { nodeText, ownText } = await readBoth(octets)
    expect(comparable(ownText)).toEqual(comparable(nodeText))
  })
})

/** Lines in order within an answer mean nothing, and the moment differs. */
function comparable(text: string): string[][] {
  return text.split('\r\n\r\n').map((part) =>
    part
      .replace(/^Date: \w{3}, .* GMT$/m, 'Date: now')
      .split('\r\n')
      .toSorted(),
  )
}
