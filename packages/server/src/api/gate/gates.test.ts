import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApi, startApi } from '../running-api.ts'
import { isServedHost } from './host-gate.ts'

let api: RunningApi
let key: string

beforeAll(async () => {
  api = await startApi()
  key = await api.key(['read', 'write'])
})
afterAll(() => api.stop())

const DRAFT = { name: 'x', owner: 'alice' }

/** Sends octets as they are and gives everything that comes back. */
function sendRaw(octets: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(api.place)
    let received = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      received += text
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
    socket.write(octets)
  })
}

describe('the host', () => {
  test.each<{ host: string; served: boolean; because: string }>([
    { host: 'evil.example', served: false, because: 'a name that somebody points here' },
    { host: 'keys.example.com.evil.example', served: false, because: 'a shared beginning' },
    { host: 'evilkeys.example.com', served: false, because: 'a shared end' },
    { host: 'keys.example.com.', served: false, because: 'another spelling' },
    { host: 'keys.example.com@evil.example', served: false, because: 'user information' },
    { host: '', served: false, because: 'no host' },
    { host: 'keys.example.com, localhost', served: false, because: 'two hosts' },
    { host: '127.0.0.1.nip.io', served: false, because: 'a name that looks like an address' },
    { host: '128.0.0.1', served: false, because: 'beside loopback' },
    { host: '0.0.0.0', served: false, because: 'any address is no loopback' },
    { host: '0x7f.1', served: false, because: 'another notation' },
    { host: '[::2]', served: false, because: 'beside loopback' },
    { host: 'localhost:port', served: false, because: 'no port' },
    { host: 'localhost.evil.example', served: false, because: 'a shared beginning' },
    { host: 'keys.example.com', served: true, because: 'publicUrl' },
    { host: 'KEYS.example.com:8443', served: true, because: 'publicUrl, any case and port' },
    { host: 'localhost', served: true, because: 'loopback by name' },
    { host: 'localhost:8081', served: true, because: 'with a port' },
    { host: '127.0.0.1:8081', served: true, because: 'loopback' },
    { host: '127.255.0.9', served: true, because: 'all of 127.0.0.0/8' },
    { host: '[::1]:8081', served: true, because: 'loopback' },
  ])('$host served: $served, $because', ({ host, served }) => {
    expect(isServedHost(host, 'https://keys.example.com')).toBe(served)
  })

  test.each(['/v1/tokens', '/healthz', '/readyz', '/metrics', '/nowhere'])(
    'another one is 421 before anything else, at %s too',
    async (target) => {
      const answer = await api.ask('GET', target, { key, headers: { Host: 'evil.example' } })
      expect([answer.status, answer.body['code']]).toEqual([421, 'misdirected_host'])
    },
  )

  test('an absolute target does not hide another host', async () => {
    const answer = await sendRaw(
      'GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 421 /)
  })

  test('two Host fields are not one', async () => {
    const answer = await sendRaw(
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 4(?:00|21) /)
  })

  test('a request without one is not answered', async () => {
    const answer = await sendRaw('GET /healthz HTTP/1.0\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 4(?:00|21) /)
  })
})

describe('the origin of a change', () => {
  test.each<{ headers: Record<string, string>; status: number; because: string }>([
    { headers: { Origin: 'https://evil.example' }, status: 403, because: 'a foreign page' },
    { headers: { Origin: 'http://keys.example.com' }, status: 403, because: 'another scheme' },
    { headers: { Origin: 'https://keys.example.com:444' }, status: 403, because: 'another port' },
    { headers: { Origin: 'null' }, status: 403, because: 'a page without an origin' },
    { headers: { Origin: '' }, status: 403, because: 'an empty one is one' },
    { headers: { 'Sec-Fetch-Site': 'cross-site' }, status: 403, because: 'a foreign page' },
    {
      headers: { Origin: 'https://keys.example.com', 'Sec-Fetch-Site': 'cross-site' },
      status: 403,
      because: 'one sign is enough',
    },
    {
      headers: { Origin: 'https://keys.example.com', 'Sec-Fetch-Site': 'same-origin' },
      status: 201,
      because: 'the console',
    },
    { headers: {}, status: 201, because: 'a program' },
  ])('$headers is $status: $because', async ({ headers, status }) => {
    const answer = await api.ask('POST', '/v1/tokens', { key, body: DRAFT, headers })
    expect(answer.status).toBe(status)
  })

  test('does not matter where nothing is changed', async () => {
    const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
    expect((await api.ask('GET', '/v1/tokens', { key, headers })).status).toBe(200)
  })
})

describe('the key', () => {
  test.each<{ field: string; because: string }>([
    { field: '', because: 'empty' },
    { field: 'Bearer', because: 'no key' },
    { field: 'Basic KEY', because: 'another scheme' },
    { field: 'Bearer  KEY x', because: 'two words' },
    { field: 'Bearer KEY,KEY', because: 'a list' },
    { field: 'KEY', because: 'no scheme' },
    { field: 'Bearer\tKEY', because: 'a tab is no blank of the scheme' },
    { field: 'Bearer kfm_0000000000000000000000000000000000000000', because: 'no checksum' },
    { field: 'Bearer something-else', because: 'unknown' },
  ])('"$field" is 401: $because', async ({ field }) => {
    const headers = { Authorization: field.replaceAll('KEY', key) }
    const answer = await api.ask('GET', '/v1/tokens', { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })

  test('in two fields is 401', async () => {
    const answer = await sendRaw(
      `GET /v1/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
  })

  test('may come with its scheme in any case', async () => {
    const headers = { Authorization: `bEARER ${key}` }
    expect((await api.ask('GET', '/v1/tokens', { headers })).status).toBe(200)
  })

  test('no field makes anybody the operator', async () => {
    const headers = { caller: '{"kind":"operator"}', 'X-Caller': 'operator', Forwarded: 'for=_op' }
    expect((await api.ask('GET', '/v1/tokens', { headers })).status).toBe(401)
  })

  test('a token is no management key', async () => {
    const { secret } = await api.token()
    expect((await api.ask('GET', '/v1/tokens', { key: secret })).status).toBe(401)
  })
})

describe('the body', () => {
  test.each<{ text: string | Buffer; status: number; code: string; because: string }>([
    { text: '{', status: 400, code: 'malformed_json', because: 'broken off' },
    { text: "{'name':'x'}", status: 400, code: 'malformed_json', because: 'no JSON' },
    { text: '{"name":"x",}', status: 400, code: 'malformed_json', because: 'a comma too many' },
    { text: '{"name":NaN}', status: 400, code: 'malformed_json', because: 'no JSON' },
    {
      text: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      status: 400,
      code: 'malformed_json',
      because: 'no UTF-8',
    },
    { text: '[]', status: 400, code: 'invalid_request', because: 'no object' },
    { text: 'null', status: 400, code: 'invalid_request', because: 'no object' },
    { text: '"x"', status: 400, code: 'invalid_request', because: 'no object' },
    { text: '['.repeat(60_000), status: 400, code: 'malformed_json', because: 'deep and open' },
    {
      text: `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      status: 400,
      code: 'invalid_request',
      because: 'deep',
    },
    {
      text: '{"__proto__":{"owner":"x"}}',
      status: 400,
      code: 'unknown_member',
      because: 'pollution',
    },
    {
      text: '{"name":"x","owner":"alice","metadata":{"__proto__":"x"}}',
      status: 400,
      code: 'unknown_member',
      because: 'pollution below',
    },
    {
      text: '{"constructor":{}}',
      status: 400,
      code: 'unknown_member',
      because: 'no member of ours',
    },
    { text: ' '.repeat(65_537), status: 413, code: 'body_too_large', because: 'an octet too many' },
  ])('$status $code: $because', async ({ text, status, code }) => {
    const answer = await api.ask('POST', '/v1/tokens', { key, text })
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  test('is counted, not only announced', async () => {
    const answer = await sendRaw(
      `POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n10001\r\n${' '.repeat(65_537)}\r\n0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
  })

  test('is not read before the key is known', async () => {
    const answer = await api.ask('POST', '/v1/tokens', { text: ' '.repeat(65_537) })
    expect(answer.status).toBe(401)
  })

  test.each([
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/jsonp',
    'application/vnd.api+json',
    'application/json\t',
    'application/json;charset=utf-8;x=y',
    'text/json',
    '*/*',
    'APPLICATION/JSON ;charset=utf-8 x',
    ' ',
  ])('of the type "%s" is 415', async (type) => {
    const headers = { 'Content-Type': type.endsWith('\t') ? `${type};x` : type }
    const answer = await api.ask('POST', '/v1/tokens', { key, body: DRAFT, headers })
    expect([answer.status, answer.body['code']]).toEqual([415, 'unsupported_media_type'])
  })

  test('that is compressed is 415', async () => {
    const headers = { 'Content-Encoding': 'gzip' }
    expect((await api.ask('POST', '/v1/tokens', { key, body: DRAFT, headers })).status).toBe(415)
  })

  test.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
  ])('of the type "%s" is read', async (type) => {
    const headers = { 'Content-Type': type }
    expect((await api.ask('POST', '/v1/tokens', { key, body: DRAFT, headers })).status).toBe(201)
  })

  test('of a DELETE is refused', async () => {
    const { id } = await api.token()
    const answer = await api.ask('DELETE', `/v1/tokens/${id}`, { key, body: { force: true } })
    expect(answer.status).toBe(400)
    expect((await api.ask('GET', `/v1/tokens/${id}`, { key })).status).toBe(200)
  })

  test('a member that is nearly one is told which', async () => {
    const body = { ...DRAFT, restrictions: { domains: { enabled: true, entrys: [] }, ips: {} } }
    const answer = await api.ask('POST', '/v1/tokens', { key, body })
    expect(answer.body).toMatchObject({
      code: 'unknown_member',
      path: '/restrictions/domains/entrys',
      detail: expect.stringContaining('"entries"'),
    })
  })

  test('a long unknown member, which may be a secret, is not repeated', async () => {
    const { secret } = await api.token()
    const answer = await api.ask('POST', '/v1/tokens', {
      key,
      body: { ...DRAFT, [secret]: 1 },
    })
    expect(answer.body['detail']).not.toContain(secret)
  })
})
