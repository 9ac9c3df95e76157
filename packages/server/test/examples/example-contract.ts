import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { foldFieldName, IDENTITY_FIELDS } from '@keyfence/core'
import { type Answered, fieldsNamed, readUntil, type Seen } from '../../src/proxy/proxy-fixture.ts'
import { askExample, askHttp2, dialTls } from './ask-example.ts'
import { EXAMPLE_ROWS, type ExampleName, type ExampleRow } from './example-rows.ts'
import {
  type ExampleWorld,
  LISTED,
  OWN_401,
  OWN_500,
  OWN_CORS,
  startWorld,
} from './example-world.ts'
import type { RunningExample } from './running-example.ts'

const BODIES: Readonly<Record<number, string>> = {
  401: '{"error":"Missing or invalid API token."}',
  403: '{"error":"Access denied. You don\'t have permission to access this."}',
  503: '{"error":"Temporarily unavailable."}',
}
const ALLOWS = new Set(['unrestricted', 'domain_listed', 'ip_listed'])
const SHOP = 'Origin: https://shop.example'
const MEBIBYTE = 1024 * 1024

let world: ExampleWorld
let example: RunningExample

/** What every example does, with the proxy that is run (T12, T17, T18, T28, T29, T33, T35). */
export function exampleContract(
  name: ExampleName,
  start: (world: ExampleWorld) => Promise<RunningExample>,
): void {
  beforeAll(async () => {
    world = await startWorld(name)
    example = await start(world)
  })
  afterAll(async () => {
    await example.stop()
    await world.close()
  })
  beforeEach(() => {
    world.doors.check.observations.length = 0
    world.api.seen.length = 0
  })
  describe(`examples/${name}`, () => {
    test.each(EXAMPLE_ROWS)('$reason: $because', async (row) => {
      if (row.stale === true) await world.doors.whileStale(() => expectRow(name, row))
      else await expectRow(name, row)
    })
    answersOfTheApi()
    preflights()
    webSockets()
    http2()
    others()
    withoutKeyfence()
  })
}

const bearerOf = (token: Parameters<ExampleWorld['doors']['secretOf']>[0]): string =>
  `Authorization: Bearer ${world.doors.secretOf(token)}`

const ask = (line: string, ...lines: string[]): Promise<Answered> =>
  askExample(example.port, { line, lines })

async function expectRow(name: ExampleName, row: ExampleRow): Promise<void> {
  const { token, fields, sent, line, from = LISTED, byProxy, reason } = row
  const carriers =
    sent?.((known) => world.doors.secretOf(known)) ?? (token === undefined ? [] : [bearerOf(token)])
  const lines = [...carriers, ...fields]
  const request = { lines, from, ...(line === undefined ? {} : { line }) }
  const answer = await askExample(example.port, request)
  const ofProxy = byProxy?.[name]
  if (ofProxy !== undefined) {
    expect(answer.status).toBe(ofProxy)
    expect([...world.api.seen, ...world.doors.check.observations]).toEqual([])
    return
  }
  const [method = '', target = ''] = (line ?? 'GET /orders?a=b').split(' ')
  const path = target.split('?')[0]
  const { observations } = world.doors.check
  expect(observations).toMatchObject([{ method, path, verdict: { reason } }])
  const isAllowed = ALLOWS.has(reason) || token?.startsWith('watched')
  expect(world.api.seen.length).toBe(isAllowed ? 1 : 0)
  if (isAllowed) expectAllowed(answer, { method, target, from })
  else expectRefused(answer, row)
}

function expectAllowed(
  answer: Answered,
  request: { readonly method: string; readonly target: string; readonly from: string },
): void {
  const [seen] = world.api.seen
  expect(answer).toMatchObject({
    status: 200,
    body: request.method === 'HEAD' ? '' : 'from the API',
  })
  expect(seen).toMatchObject({ method: request.method, url: request.target })
  expectIdentity(seen)
  expect(foldedValues(seen, 'x-forwarded-for')).toEqual([request.from])
  expect(JSON.stringify(answer.fields)).not.toContain('eyfence-')
}

/** The API got what Keyfence said, each once, and nothing that the caller claimed or its token. */
function expectIdentity(seen: Seen | undefined): void {
  const { verdict } = world.doors.check.observations.at(-1) ?? {}
  const source = verdict?.source?.kind ?? ''
  const values = [verdict?.policy?.tokenId, 'acme:42', source, '']
  for (const [at, name] of IDENTITY_FIELDS.entries()) {
    const found = foldedValues(seen, name.toLowerCase())
    // nginx leaves an empty one out, the caller's with it.
    expect(found.filter((value) => value !== '')).toEqual(
      [values[at]].filter((value) => value !== ''),
    )
    expect(found.length).toBeLessThan(2)
  }
  const text = JSON.stringify(seen?.fields)
  expect(text).not.toContain('forged')
  expect(text).not.toContain('kf_')
}

/** Of a field, as the laxest reader finds it. */
function foldedValues(seen: Seen | undefined, folded: string): string[] {
  const fields = seen?.fields ?? []
  return fields.filter(([name]) => foldFieldName(name) === folded).map(([, value]) => value)
}

function expectRefused(answer: Answered, { reason, fields, line }: ExampleRow): void {
  const isToken = reason.startsWith('token_')
  const isUnknowable = reason === 'record_unreadable' || reason === 'store_unavailable'
  const status = isToken ? 401 : isUnknowable ? 503 : 403
  const [observation] = world.doors.check.observations
  expectAnswer(answer, { status, isHead: line?.startsWith('HEAD') === true })
  expect(fieldsNamed(answer, 'keyfence-request-id')).toEqual([observation?.requestId])
  const challenge = reason === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  expect(fieldsNamed(answer, 'www-authenticate')).toEqual(status === 401 ? [challenge] : [])
  expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(originsOf(fields))
}

/** The origin that a refusal names: the only one, if it is one. */
function originsOf(fields: readonly string[]): string[] {
  const origins = fields.filter((field) => /^origin:/i.test(field))
  const [origin = ''] = origins.map((field) => field.slice('Origin:'.length).trim())
  return origins.length === 1 && !origin.includes(',') ? [origin] : []
}

function expectAnswer(
  answer: Answered,
  { status, isHead = false }: { readonly status: number; readonly isHead?: boolean },
): void {
  expect([answer.status, answer.body]).toEqual([status, isHead ? '' : BODIES[status]])
  expect(fieldsNamed(answer, 'content-type')).toEqual(['application/json'])
  expect(fieldsNamed(answer, 'cache-control')).toEqual(['no-store'])
  expect(fieldsNamed(answer, 'vary')).toEqual(['Origin'])
  expect(fieldsNamed(answer, 'retry-after')).toEqual(status === 503 ? ['5'] : [])
}

function answersOfTheApi(): void {
  test('a page may read an allowed answer of which the API says nothing', async () => {
    const answer = await ask('GET /orders', SHOP, bearerOf('pages'))
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
    expect(fieldsNamed(answer, 'vary')).toEqual(['Origin'])
  })

  test('what the API says of CORS stands', async () => {
    const answer = await ask(`GET ${OWN_CORS}`, SHOP, bearerOf('pages'))
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['*'])
  })

  test.each([
    { path: OWN_401, status: 401 },
    { path: OWN_500, status: 500 },
  ])('a $status of the API is not taken for one of Keyfence', async ({ path, status }) => {
    const answer = await ask(`GET ${path}`, bearerOf('open'))
    expect(answer).toMatchObject({ status, body: 'from the API' })
  })
}

function preflights(): void {
  const METHOD = 'Access-Control-Request-Method: PUT'

  test.each(['/orders', '/', '/preflight', '/check?a=b'])(
    'a preflight to %s is answered by Keyfence, and reaches no API',
    async (path) => {
      const asked = 'Access-Control-Request-Headers: authorization'
      const answer = await ask(`OPTIONS ${path}`, SHOP, METHOD, asked)
      expect(answer).toMatchObject({ status: 204, body: '' })
      expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
      expect(fieldsNamed(answer, 'access-control-allow-methods')).toEqual(['PUT'])
      expect(fieldsNamed(answer, 'access-control-allow-headers')).toEqual(['authorization'])
      expect(fieldsNamed(answer, 'access-control-max-age')).toEqual(['600'])
      expect(world.api.seen).toEqual([])
    },
  )

  test.each([
    { line: 'POST /orders', fields: [SHOP, METHOD, 'X-HTTP-Method-Override: OPTIONS'] },
    { line: 'GET /orders', fields: [SHOP, METHOD, 'X-Original-Method: OPTIONS'] },
    { line: 'GET /orders', fields: [SHOP, METHOD, 'X-Forwarded-Method: OPTIONS'] },
    { line: 'OPTIONS /orders', fields: [METHOD] },
    { line: 'OPTIONS /orders', fields: [SHOP] },
  ])('$line with $fields is none, and needs a token', async ({ line, fields }) => {
    expectAnswer(await ask(line, ...fields), { status: 401 })
    expect(world.api.seen).toEqual([])
  })
}

const HANDSHAKE = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
]

function webSockets(): void {
  test.each(['chat, keyfence.T', 'keyfence.T, chat', 'chat,keyfence.T,other'])(
    'a WebSocket that offers %s is opened, and the API sees no token',
    async (offer) => {
      const offered = offer.replace('T', world.doors.secretOf('pages'))
      const socket = await dialTls(example.port)
      const lines = ['GET /live HTTP/1.1', 'Host: api.example', ...HANDSHAKE, SHOP]
      socket.write([...lines, `Sec-WebSocket-Protocol: ${offered}`, '', ''].join('\r\n'))
      expect(await readUntil(socket, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 101 /)
      socket.write('frames')
      expect(await readUntil(socket, 'frames')).toBe('frames')
      socket.destroy()
      const [seen] = world.api.seen
      expectIdentity(seen)
      const rest = foldedValues(seen, 'sec-websocket-protocol').join().replaceAll(' ', '')
      expect(rest).toBe(offer.includes('other') ? 'chat,other' : 'chat')
    },
  )

  test('a WebSocket of another page is refused, and not opened', async () => {
    const offer = `Sec-WebSocket-Protocol: chat, keyfence.${world.doors.secretOf('pages')}`
    const lines = ['GET /live HTTP/1.1', 'Host: api.example', ...HANDSHAKE, offer]
    const socket = await dialTls(example.port)
    socket.write([...lines, 'Origin: https://evil.example', '', ''].join('\r\n'))
    expect(await readUntil(socket, '}')).toMatch(/^HTTP\/1\.1 403 /)
    socket.destroy()
    expect(world.api.seen).toEqual([])
  })
}

function http2(): void {
  test('HTTP/2: an allow with its identity', async () => {
    const authorization = `Bearer ${world.doors.secretOf('servers')}`
    const forged = { 'x-forwarded-for': '8.8.8.8', 'keyfence-owner': 'forged' }
    const fields = { ':path': '/orders?a=b', authorization, ...forged }
    const { headers, body } = await askHttp2(example.port, fields)
    expect([headers[':status'], body]).toEqual([200, 'from the API'])
    expect(world.doors.check.observations).toMatchObject([{ method: 'GET', path: '/orders' }])
    expectIdentity(world.api.seen[0])
  })

  test.each([
    { token: 'pages', origin: 'https://evil.example', status: 403 },
    { token: undefined, origin: 'https://evil.example', status: 401 },
    { token: 'damaged', origin: 'https://shop.example', status: 503 },
  ] as const)('HTTP/2: a refusal with $status', async ({ token, origin, status }) => {
    const credential = token === undefined ? {} : { 'x-api-key': world.doors.secretOf(token) }
    const { headers, body } = await askHttp2(example.port, { ':path': '/', origin, ...credential })
    expect([headers[':status'], body]).toEqual([status, BODIES[status]])
    expect(headers['access-control-allow-origin']).toBe(origin)
    expect(world.api.seen).toEqual([])
  })

  test('HTTP/2: a preflight', async () => {
    const asked = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' }
    const fields = { ':method': 'OPTIONS', ':path': '/orders', ...asked }
    expect((await askHttp2(example.port, fields)).headers[':status']).toBe(204)
  })
}

function others(): void {
  test('a body of 100 MiB reaches the API, and Keyfence none of it', async () => {
    const outgoing = httpsRequest({
      port: example.port,
      host: '127.0.0.1',
      localAddress: LISTED,
      path: '/upload',
      method: 'POST',
      headers: { authorization: `Bearer ${world.doors.secretOf('servers')}`, host: 'api.example' },
      rejectUnauthorized: false,
      agent: false,
    })
    const answered = once(outgoing, 'response')
    const chunk = Buffer.alloc(MEBIBYTE)
    for (let sent = 0; sent < 100; sent++) {
      if (!outgoing.write(chunk)) await once(outgoing, 'drain')
    }
    outgoing.end()
    const [response] = await answered
    response.resume()
    expect([response.statusCode, world.api.bodyBytes]).toEqual([200, 100 * MEBIBYTE])
  })

  test('no answer is kept for another page', async () => {
    const statuses = []
    for (const page of ['shop', 'evil', 'shop', 'evil']) {
      const answer = await ask('GET /same', bearerOf('pages'), `Origin: https://${page}.example`)
      statuses.push(answer.status)
    }
    expect(statuses).toEqual([200, 403, 200, 403])
  })
}

function withoutKeyfence(): void {
  test('Keyfence down: 503, which the page can read; back: allowed', async () => {
    await world.keyfence.end()
    await expectUnavailable()
    await expectAllowedAgain()
  })

  test('Keyfence silent: 503 all the same; back: allowed', async () => {
    world.keyfence.clog()
    await expectUnavailable()
    await expectAllowedAgain()
  })
}

async function expectUnavailable(): Promise<void> {
  const answer = await ask('GET /orders', SHOP, bearerOf('open'))
  expectAnswer(answer, { status: 503 })
  expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
  expect(world.api.seen).toEqual([])
}

async function expectAllowedAgain(): Promise<void> {
  await world.keyfence.resume()
  expect((await ask('GET /orders', SHOP, bearerOf('open'))).status).toBe(200)
}
