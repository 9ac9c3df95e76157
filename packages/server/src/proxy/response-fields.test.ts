import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import {
  type Answered,
  exchange,
  fieldsNamed,
  get,
  listen,
  proxyBefore,
  startUpstream,
} from './proxy-fixture.ts'

const ORIGIN = 'Origin: https://shop.example'

/** What a caller gets when the upstream answers with exactly these octets. */
async function answered(octets: string, ...fields: string[]): Promise<Answered> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(octets, 'latin1'))
  })
  const port = await listen(server)
  await using proxy = await proxyBefore(port)
  const answer = await get(proxy.port, '/', ...fields)
  server.close()
  return answer
}

const head = (...lines: string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')
const EMPTY = 'Content-Length: 0'

test('status, reason, repeated fields, their order, case and octets are kept', async () => {
  const answer = await answered(
    [
      'HTTP/1.1 299 Sehr schön',
      'Set-Cookie: a=1',
      'X-B: \u00e9',
      'set-cookie: b=2',
      'Date: Tue, 24 Nov 2026 00:00:00 GMT',
      'Content-Length: 2',
      '',
      'ok',
    ].join('\r\n'),
  )
  expect(answer.statusLine).toBe('HTTP/1.1 299 Sehr sch\u00f6n')
  expect(answer.fields.slice(0, 5)).toEqual([
    ['Set-Cookie', 'a=1'],
    ['X-B', '\u00e9'],
    ['set-cookie', 'b=2'],
    ['Date', 'Tue, 24 Nov 2026 00:00:00 GMT'],
    ['Content-Length', '2'],
  ])
  expect(answer.body).toBe('ok')
})

test('an empty reason stays empty', async () => {
  expect((await answered(`HTTP/1.1 200 \r\n${EMPTY}\r\n\r\n`)).statusLine).toBe('HTTP/1.1 200 ')
})

test.each<{ line: string; because: string }>([
  { line: 'Keep-Alive: timeout=99', because: 'hop-by-hop' },
  { line: 'Proxy-Authenticate: Basic', because: 'a proxy is nobody’s business here' },
  { line: 'Upgrade: h2c', because: 'no upgrade is offered' },
  { line: 'X-Hop: 1\r\nConnection: x-hop', because: 'named in Connection' },
  { line: 'Keyfence-Request-Id: forged', because: 'ours' },
  { line: 'Keyfence-Owner: acme:42', because: 'for the upstream alone' },
  { line: 'keyfence-metadata: {}', because: 'for the upstream alone' },
  { line: 'CDN-Cache-Control: max-age=60', because: 'it overrides Cache-Control' },
  { line: 'X-Accel-Expires: 60', because: 'it overrides Cache-Control' },
  { line: 'Trailer: X-Sum', because: 'a body of known length has no trailers' },
])('$line does not reach the caller: $because', async ({ line }) => {
  const answer = await answered(head(line, EMPTY))
  expect(answer.status).toBe(200)
  const name = line.slice(0, line.indexOf(':')).toLowerCase()
  expect(fieldsNamed(answer, name)).toEqual([])
})

test.each<{ line: string }>([
  { line: 'Keyfence-Plan: gold' },
  { line: 'Retry-After: 5' },
  { line: 'WWW-Authenticate: Basic' },
  { line: '__proto__: x' },
  { line: 'constructor: x' },
])('$line reaches the caller', async ({ line }) => {
  const [name = '', value] = line.split(': ')
  expect(fieldsNamed(await answered(head(line, EMPTY)), name.toLowerCase())).toEqual([value])
})

test.each<{ lines: string[]; request: string[]; vary: string[]; because: string }>([
  { lines: [], request: [], vary: ['Origin'], because: 'always there' },
  { lines: ['Vary: Accept'], request: [ORIGIN], vary: ['Accept, Origin'], because: 'merged' },
  {
    lines: ['vary: Accept', 'Vary: X-A'],
    request: [],
    vary: ['Accept, X-A, Origin'],
    because: 'of all lines',
  },
  { lines: ['Vary: accept, origin'], request: [], vary: ['accept, origin'], because: 'once' },
  { lines: ['Vary: *'], request: [], vary: ['*'], because: '* says more' },
])('Vary is $vary: $because', async ({ lines, request, vary }) => {
  expect(fieldsNamed(await answered(head(...lines, EMPTY), ...request), 'vary')).toEqual(vary)
})

test.each<{ lines: string[]; request: string[]; allows: string[]; because: string }>([
  { lines: [], request: [ORIGIN], allows: ['https://shop.example'], because: 'echoed' },
  { lines: [], request: ['Origin: null'], allows: ['null'], because: 'null may read too' },
  { lines: [], request: [], allows: [], because: 'no page asks' },
  { lines: [], request: ['Origin: https://a.example/x'], allows: [], because: 'not an origin' },
  { lines: [], request: [ORIGIN, ORIGIN], allows: [], because: 'two are none' },
  {
    lines: ['Access-Control-Allow-Origin: https://other.example'],
    request: [ORIGIN],
    allows: ['https://other.example'],
    because: 'the upstream’s own is kept',
  },
  {
    lines: ['access-control-allow-origin: *'],
    request: [ORIGIN],
    allows: ['*'],
    because: 'any case',
  },
])('Access-Control-Allow-Origin is $allows: $because', async ({ lines, request, allows }) => {
  const answer = await answered(head(...lines, EMPTY), ...request)
  expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(allows)
  expect(fieldsNamed(answer, 'access-control-allow-credentials')).toEqual([])
})

test.each<{ path: string; sharedCaching: boolean; gives: string[]; because: string }>([
  { path: '/v1', sharedCaching: false, gives: ['private, max-age=9'], because: 'one token’s' },
  { path: '/v1', sharedCaching: true, gives: ['public, max-age=9'], because: 'by setting' },
  { path: '/health', sharedCaching: false, gives: ['public, max-age=9'], because: 'everybody’s' },
])('public becomes $gives: $because', async ({ path, sharedCaching, gives }) => {
  await using api = await startUpstream((_request, response) =>
    response.writeHead(200, { 'Cache-Control': 'public, max-age=9' }).end(),
  )
  await using proxy = await proxyBefore(api.port, { sharedCaching })
  expect(fieldsNamed(await get(proxy.port, path), 'cache-control')).toEqual(gives)
})

test('trailers are announced and kept, but for those that are ours', async () => {
  const answer = await answered(
    `${head('Transfer-Encoding: chunked', 'Trailer: X-Sum, Keyfence-Owner')}2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\nKeyfence-Owner: a\r\n\r\n`,
  )
  expect(fieldsNamed(answer, 'transfer-encoding')).toEqual(['chunked'])
  expect(fieldsNamed(answer, 'trailer')).toEqual(['X-Sum, Keyfence-Owner'])
  expect(answer.body).toBe('2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n')
})

test('informational answers are not passed on', async () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
  const answer = await answered(`${early}${early}${head('Content-Length: 2')}ok`)
  expect(answer).toMatchObject({ status: 200, body: 'ok' })
  expect(fieldsNamed(answer, 'link')).toEqual([])
})

test.each([
  'Content-Length: 5',
  'content-type: text/html',
  'Set-Cookie: a=b',
  'Access-Control-Allow-Origin: *',
  'Cache-Control: public',
  'CDN-Cache-Control: public',
  'Vary: x',
])('%s is for the header section alone, and no trailer', async (line) => {
  const answer = await answered(
    `${head('Transfer-Encoding: chunked')}2\r\nok\r\n0\r\n${line}\r\nX-Sum: 1\r\n\r\n`,
  )
  expect(answer.body).toBe('2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n')
})

test.each<{ method: string; octets: string; length: string[]; because: string }>([
  {
    method: 'HEAD',
    octets: head('Content-Length: 7'),
    length: ['7'],
    because: 'the length of GET',
  },
  {
    method: 'HEAD',
    octets: head('Transfer-Encoding: chunked', 'Trailer: X-Sum'),
    length: [],
    because: 'chunks that do not come',
  },
  { method: 'GET', octets: 'HTTP/1.1 204 No Content\r\n\r\n', length: [], because: '204' },
  {
    method: 'GET',
    octets: 'HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n',
    length: [],
    because: '204, whatever it says',
  },
  {
    method: 'GET',
    octets: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: "a"\r\n\r\n',
    length: ['7'],
    because: '304',
  },
])('$method has no body: $because', async ({ method, octets, length }) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(octets))
  })
  await using proxy = await proxyBefore(await listen(server))
  const lines = [`${method} / HTTP/1.1`, 'Host: api.example', `X-API-Key: customer-token-1`]
  const answer = await exchange(proxy.port, lines)
  expect(answer.body).toBe('')
  expect(fieldsNamed(answer, 'content-length')).toEqual(length)
  expect(fieldsNamed(answer, 'transfer-encoding')).toEqual([])
  server.close()
})

test('a body that ends with the connection is passed on whole', async () => {
  const answer = await answered(`${head()}all of it`)
  expect(answer.body).toBe('9\r\nall of it\r\n0\r\n\r\n')
})
