import { describe, expect, test } from 'vitest'
import {
  answeredOf,
  BEARER,
  closed,
  dial,
  fieldsNamed,
  PAGE_TOKEN,
  range,
  readAll,
  readUntil,
  SERVER_TOKEN,
  TOKEN,
} from '../proxy/proxy-fixture.ts'
import { checkSecretHash, mayAsk } from './check-caller.ts'
import type { CheckSettings } from './check-context.ts'
import { ask, LOOPBACK, SETTINGS, startCheck } from './check-fixture.ts'

const REFUSED = '{"error":"Access denied. You don\'t have permission to access this."}'
const NO_TOKEN = '{"error":"Missing or invalid API token."}'
const SECRET = 'correct-horse-battery-staple'

const FROM_SERVER = 'X-Forwarded-For: 203.0.113.7'

describe('an allow', () => {
  const FIELDS = [
    ['Keyfence-Token-Id', 'tok_1'],
    ['Keyfence-Owner', 'acme:42'],
    ['Keyfence-Source', 'server'],
    ['Keyfence-Metadata', ''],
    ['Cache-Control', 'no-store'],
    ['Content-Length', '0'],
  ]

  test.each<{ line: string; because: string }>([
    { line: 'GET /check', because: 'the path itself' },
    { line: 'GET /check/', because: 'below it' },
    { line: 'GET /check/orders/7', because: 'any suffix' },
    { line: 'GET /check/../admin', because: 'a raw path, not resolved' },
    { line: 'GET /check/%2e%2e//x', because: 'a raw path, not decoded' },
    { line: 'GET /check?token=a&token=b', because: 'its own query is ignored' },
    { line: 'GET http://other.example/check', because: 'the absolute form' },
    { line: 'HEAD /check', because: 'any method' },
    { line: 'DELETE /check', because: 'any method' },
    { line: 'PROPFIND /check', because: 'any method' },
    { line: 'TRACE /check', because: 'any method: nothing is reflected' },
    { line: 'OPTIONS /check', because: 'no preflight without its fields' },
  ])('to $line is exactly 200, empty, with the identity: $because', async ({ line }) => {
    await using check = await startCheck()
    const answer = await ask(check.port, line, BEARER, FROM_SERVER)
    expect(answer.statusLine).toBe('HTTP/1.1 200 OK')
    expect(answer.fields.filter(([name]) => name !== 'Date' && name !== 'Connection')).toEqual(
      FIELDS,
    )
    expect(answer.body).toBe('')
    expect(check.observations).toMatchObject([
      { verdict: { effect: 'allow', reason: 'unrestricted' }, requestId: undefined },
    ])
  })

  test('tells the metadata where the setting is on, as ASCII JSON', async () => {
    await using check = await startCheck({ forwardMetadata: true })
    const answer = await ask(check.port, 'GET /check', BEARER)
    expect(fieldsNamed(answer, 'keyfence-metadata')).toEqual([
      '{"plan":"gr\\u00f6\\u00dfe","tier":"1"}',
    ])
  })

  test('says nothing that the request claimed of itself', async () => {
    await using check = await startCheck()
    const forged = ['Keyfence-Owner: forged', 'keyfence_token_id: forged']
    const answer = await ask(check.port, 'GET /check', BEARER, ...forged)
    expect(answer.status).toBe(200)
    expect(JSON.stringify(answer)).not.toContain('forged')
  })

  test('is observed with the path of the check and without its query', async () => {
    await using check = await startCheck()
    await ask(check.port, 'PUT /check/orders?page=2', BEARER)
    expect(check.observations).toMatchObject([{ method: 'PUT', path: '/check/orders' }])
  })
})

describe('nothing without a token is 2xx', () => {
  const PREFLIGHT = ['Origin: https://shop.example', 'Access-Control-Request-Method: PUT']
  test.each<{ line: string; fields: string[]; because: string }>([
    { line: 'GET /check', fields: [], because: 'no token' },
    { line: 'GET /check?token=customer-token-1', fields: [], because: 'a query is no field' },
    { line: 'OPTIONS /check', fields: PREFLIGHT, because: 'a preflight' },
    {
      line: 'GET /check',
      fields: ['X-Original-Method: OPTIONS', 'X-Forwarded-Method: OPTIONS', ...PREFLIGHT],
      because: 'fields of other profiles are not read',
    },
    { line: 'GET /check', fields: ['Authorization: Basic abc'], because: 'another scheme' },
    { line: 'GET /check', fields: ['X-API-Key: unknown'], because: 'an unknown token' },
    { line: 'GET /check', fields: [BEARER, BEARER], because: 'a repeated field' },
    {
      line: 'GET /check',
      fields: [`Sec-WebSocket-Protocol: keyfence.${TOKEN}`],
      because: 'a subprotocol without a handshake',
    },
  ])('401: $because', async ({ line, fields }) => {
    await using check = await startCheck({ judge: { ...SETTINGS.judge, tokenQuery: 'token' } })
    const answer = await ask(check.port, line, ...fields)
    expect(answer).toMatchObject({ status: 401, body: NO_TOKEN })
    expect(fieldsNamed(answer, 'cache-control')).toEqual(['no-store'])
    expect(fieldsNamed(answer, 'keyfence-request-id')).toEqual(['request-1'])
    expect(check.observations).toMatchObject([{ requestId: 'request-1' }])
  })

  test.each<{ line: string; because: string }>([
    { line: 'GET /', because: 'the root' },
    { line: 'GET /checks', because: 'a longer name' },
    { line: 'GET /Check', because: 'another case' },
    { line: 'GET /%63heck', because: 'not decoded' },
    { line: 'GET //check', because: 'not merged' },
    { line: 'GET /x/../check', because: 'not resolved' },
    { line: 'GET /preflight/', because: 'the path alone' },
    { line: 'GET /v1/tokens', because: 'the management API is elsewhere' },
  ])('404: $line, $because', async ({ line }) => {
    await using check = await startCheck()
    const answer = await ask(check.port, line, BEARER)
    expect(answer).toMatchObject({ status: 404, body: '{"error":"There is nothing here."}' })
    expect(fieldsNamed(answer, 'content-type')).toEqual(['application/json'])
    expect(check.observations).toEqual([])
  })
})

describe('the address of a server request', () => {
  const bearer = `Authorization: Bearer ${SERVER_TOKEN}`
  test.each<{ fields: string[]; trusted: boolean; reason: string; because: string }>([
    { fields: [FROM_SERVER], trusted: true, reason: 'ip_listed', because: 'the proxy names it' },
    { fields: [], trusted: true, reason: 'ip_unreadable', because: 'the peer is the proxy' },
    { fields: [], trusted: false, reason: 'ip_unreadable', because: 'whoever asks is a proxy' },
    {
      fields: [FROM_SERVER],
      trusted: false,
      reason: 'ip_not_listed',
      because: 'who may ask is not who is believed',
    },
    {
      fields: ['X-Forwarded-For: 203.0.113.7, 198.51.100.1'],
      trusted: true,
      reason: 'ip_not_listed',
      because: 'the right-most untrusted hop',
    },
    {
      fields: ['X-Real-IP: 203.0.113.7', 'Forwarded: for=203.0.113.7'],
      trusted: true,
      reason: 'ip_unreadable',
      because: 'no other field is read',
    },
  ])('$reason: $because', async ({ fields, trusted, reason }) => {
    const trustedProxies = trusted ? LOOPBACK : []
    await using check = await startCheck({ judge: { ...SETTINGS.judge, trustedProxies } })
    const answer = await ask(check.port, 'GET /check', bearer, ...fields)
    expect(answer.status).toBe(reason === 'ip_listed' ? 200 : 403)
    expect(check.observations).toMatchObject([{ verdict: { reason } }])
  })
})

describe('who may ask', () => {
  const WITH_SECRET = { addresses: LOOPBACK, secretHash: checkSecretHash(SECRET) }
  const ELSEWHERE = { addresses: [range('10.0.0.0/8')], secretHash: undefined }
  test.each<{
    callers: CheckSettings['callers']
    fields: string[]
    line?: string
    because: string
  }>([
    { callers: ELSEWHERE, fields: [], because: 'an address that is not listed' },
    { callers: ELSEWHERE, fields: [], line: 'GET /preflight', because: 'the same on /preflight' },
    {
      callers: ELSEWHERE,
      fields: ['X-Forwarded-For: 10.0.0.1'],
      because: 'the peer, never a field',
    },
    { callers: { addresses: [], secretHash: undefined }, fields: [], because: 'nobody may' },
    { callers: WITH_SECRET, fields: [], because: 'no secret' },
    { callers: WITH_SECRET, fields: ['Keyfence-Check-Secret:'], because: 'an empty secret' },
    {
      callers: WITH_SECRET,
      fields: [`Keyfence-Check-Secret: ${SECRET}x`],
      because: 'another secret',
    },
    {
      callers: WITH_SECRET,
      fields: [`Keyfence-Check-Secret: ${SECRET}`, `Keyfence-Check-Secret: ${SECRET}`],
      because: 'the secret twice',
    },
    {
      callers: WITH_SECRET,
      fields: [`Keyfence_Check_Secret: ${SECRET}`],
      because: 'another field',
    },
    {
      callers: { ...WITH_SECRET, addresses: ELSEWHERE.addresses },
      fields: [`Keyfence-Check-Secret: ${SECRET}`],
      because: 'the secret from elsewhere',
    },
  ])('not $because', async ({ callers, fields, line = 'GET /check' }) => {
    await using check = await startCheck({ callers })
    const answer = await ask(check.port, line, BEARER, 'Origin: https://shop.example', ...fields)
    expect(answer).toMatchObject({ status: 403, body: REFUSED })
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
    expect(check.observations).toMatchObject([
      { verdict: { reason: 'check_caller_not_trusted' }, requestId: 'request-1' },
    ])
  })

  test('the secret lets in, and is never told again', async () => {
    await using check = await startCheck({ callers: WITH_SECRET })
    const secret = `keyfence-check-secret: ${SECRET}`
    for (const token of [BEARER, 'X-API-Key: unknown']) {
      const answer = await ask(check.port, 'GET /check', token, secret)
      expect(answer.status).toBe(token === BEARER ? 200 : 401)
      expect(JSON.stringify(answer)).not.toContain(SECRET)
    }
    expect(JSON.stringify([check.observations, check.logged])).not.toContain(SECRET)
  })

  test.each<{ peer: string | undefined; may: boolean; because: string }>([
    { peer: '::ffff:127.0.0.1', may: true, because: 'an IPv4 caller on an IPv6 socket' },
    { peer: '::1', may: true, because: 'the other loopback' },
    { peer: '::ffff:10.0.0.1', may: false, because: 'another machine on an IPv6 socket' },
    { peer: undefined, may: false, because: 'a caller who is gone' },
    { peer: 'localhost', may: false, because: 'no address' },
  ])('$peer: $because', ({ peer, may }) => {
    expect(mayAsk([], peer, SETTINGS.callers)).toBe(may)
  })
})

describe('/preflight', () => {
  const ORIGIN = 'Origin: https://shop.example'
  const METHOD = 'Access-Control-Request-Method: PUT'

  test('answers a preflight by the settings', async () => {
    await using check = await startCheck()
    const asked = 'Access-Control-Request-Headers: authorization'
    const answer = await ask(check.port, 'OPTIONS /preflight?a=b', ORIGIN, METHOD, asked)
    expect(answer).toMatchObject({ status: 204, body: '' })
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['https://shop.example'])
    expect(fieldsNamed(answer, 'access-control-allow-methods')).toEqual(['PUT'])
    expect(fieldsNamed(answer, 'access-control-allow-headers')).toEqual(['authorization'])
    expect(fieldsNamed(answer, 'access-control-max-age')).toEqual(['600'])
    expect(check.observations).toEqual([])
  })

  test('grants an origin outside the setting nothing', async () => {
    const cors = { ...SETTINGS.cors, origins: ['https://other.example'] }
    await using check = await startCheck({ cors })
    const answer = await ask(check.port, 'OPTIONS /preflight', ORIGIN, METHOD)
    expect(answer.status).toBe(204)
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual([])
  })

  test.each<{ line: string; fields: string[]; because: string }>([
    { line: 'OPTIONS /preflight', fields: [ORIGIN], because: 'no method asked for' },
    { line: 'OPTIONS /preflight', fields: [METHOD], because: 'no origin' },
    { line: 'GET /preflight', fields: [ORIGIN, METHOD, BEARER], because: 'not OPTIONS' },
    {
      line: 'GET /preflight',
      fields: ['X-Original-Method: OPTIONS', ORIGIN, METHOD],
      because: 'told by the request line, never by a field',
    },
  ])('400: $because', async ({ line, fields }) => {
    await using check = await startCheck()
    const answer = await ask(check.port, line, ...fields)
    expect(answer).toMatchObject({ status: 400, body: '{"error":"Malformed request."}' })
  })
})

describe('a check that looks like a WebSocket handshake', () => {
  const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']

  test('is answered as a plain request, and its connection is kept', async () => {
    await using check = await startCheck()
    const offer = `Sec-WebSocket-Protocol: chat, keyfence.${PAGE_TOKEN}`
    const lines = ['GET /check HTTP/1.1', 'Host: a', ...HANDSHAKE, 'Origin: https://shop.example']
    const caller = await dial(check.port, [...lines, offer, '', ''].join('\r\n'))
    const first = await readUntil(caller, '\r\n\r\n')
    expect(first).toMatch(/^HTTP\/1\.1 200 /)
    expect(first).toContain('Keyfence-Token-Id: tok_2\r\n')
    expect(first.toLowerCase()).not.toContain('upgrade')
    caller.write('GET /check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(answeredOf(await readAll(caller)).status).toBe(401)
  })

  test.each<{ fields: string[]; status: number; because: string }>([
    { fields: HANDSHAKE, status: 401, because: 'no token' },
    {
      fields: [...HANDSHAKE, `Sec-WebSocket-Protocol: keyfence.${PAGE_TOKEN}`],
      status: 403,
      because: 'a server with a token for pages',
    },
    {
      fields: ['Connection: Upgrade', 'Upgrade: h2c', BEARER],
      status: 200,
      because: 'any other upgrade is a plain request',
    },
  ])('$status: $because', async ({ fields, status }) => {
    await using check = await startCheck()
    expect((await ask(check.port, 'GET /check', ...fields)).status).toBe(status)
  })
})

describe('a body', () => {
  test.each<{ fields: string[]; because: string }>([
    { fields: ['Content-Length: 5'], because: 'nginx announces one that never comes' },
    { fields: ['Transfer-Encoding: chunked'], because: 'in chunks' },
    { fields: ['Content-Length: 5', 'Expect: 100-continue'], because: 'nothing is invited' },
  ])('that is announced is not waited for: $because', async ({ fields }) => {
    await using check = await startCheck()
    const lines = ['POST /check HTTP/1.1', 'Host: a', BEARER, ...fields, '', '']
    const caller = await dial(check.port, lines.join('\r\n'))
    const answer = answeredOf(await readAll(caller))
    expect(answer.status).toBe(200)
    expect(fieldsNamed(answer, 'connection')).toEqual(['close'])
  })

  test('to HEAD a refusal has none, and its length', async () => {
    await using check = await startCheck()
    const answer = await ask(check.port, 'HEAD /check')
    expect(answer).toMatchObject({ status: 401, body: '' })
    expect(fieldsNamed(answer, 'content-length')).toEqual([String(NO_TOKEN.length)])
  })
})

describe('what a caller may do to it', () => {
  const GET = 'GET /check HTTP/1.1\r\nHost: a\r\n'
  test.each<{ octets: string; status: number; because: string }>([
    { octets: '\r\nx\r\n\r\n', status: 400, because: 'no request line' },
    { octets: `${GET}${BEARER}\r\nHost: b\r\n\r\n`, status: 400, because: 'two hosts' },
    { octets: `GET /check HTTP/1.1\r\n${BEARER}\r\n\r\n`, status: 400, because: 'no host' },
    { octets: `GET * HTTP/1.1\r\nHost: a\r\n\r\n`, status: 400, because: 'no path' },
    { octets: `GET check HTTP/1.1\r\nHost: a\r\n\r\n`, status: 400, because: 'no path' },
    {
      octets: `POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      status: 400,
      because: 'two framings',
    },
    { octets: `${GET}X: ${'x'.repeat(20_000)}\r\n\r\n`, status: 431, because: 'a long field' },
    {
      octets: `${GET}${BEARER}\r\n${'a: b\r\n'.repeat(200)}\r\n`,
      status: 431,
      because: 'many fields',
    },
    { octets: 'CONNECT /check HTTP/1.1\r\nHost: a\r\n\r\n', status: 405, because: 'a tunnel' },
    { octets: `${GET}Expect: more\r\n\r\n`, status: 417, because: 'an expectation' },
  ])('$status: $because', async ({ octets, status }) => {
    await using check = await startCheck()
    const caller = await dial(check.port, octets)
    caller.end()
    const answer = answeredOf(await readAll(caller))
    expect(answer.status).toBe(status)
    expect(fieldsNamed(answer, 'cache-control')).toEqual(['no-store'])
    expect((await ask(check.port, 'GET /check', BEARER)).status).toBe(200)
  })

  test('pipelined checks are answered in order', async () => {
    await using check = await startCheck()
    const unknown = `${GET}X-API-Key: unknown\r\n\r\n`
    const last = `${GET}Connection: close\r\n${BEARER}\r\n\r\n`
    const caller = await dial(check.port, `${unknown}${GET}${BEARER}\r\n\r\n${unknown}${last}`)
    const text = await readAll(caller)
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([401, 200, 401, 200].map((n) => `HTTP/1.1 ${n}`))
  })

  test.each<{ octets: string; because: string }>([
    { octets: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', because: 'a tunnel' },
    { octets: 'garbage\r\n\r\n', because: 'garbage' },
  ])('$because behind pipelined checks is never the answer to one', async ({ octets }) => {
    await using check = await startCheck()
    const text = await readAll(await dial(check.port, `${GET}\r\n${GET}\r\n${octets}`))
    const statuses = text.match(/HTTP\/1\.1 \d+/g) ?? []
    expect(statuses.slice(0, 2).every((status) => status === 'HTTP/1.1 401')).toBe(true)
  })

  test('a header section that drips is cut with 408', async () => {
    await using check = await startCheck({ timeouts: { ...SETTINGS.timeouts, headersMs: 100 } })
    expect(answeredOf(await readAll(await dial(check.port, GET))).status).toBe(408)
  })

  test('connections beyond the limit are not served', async () => {
    await using check = await startCheck({ limits: { ...SETTINGS.limits, connectionsMax: 1 } })
    const first = await dial(check.port, GET)
    expect(await readAll(await dial(check.port, `${GET}\r\n`))).toBe('')
    first.destroy()
  })
})

function broken(): never {
  throw new Error('broken')
}

describe('what goes wrong is no allow', () => {
  test('a lookup that throws is 503', async () => {
    await using check = await startCheck({}, { lookUp: broken })
    expect((await ask(check.port, 'GET /check', BEARER)).status).toBe(503)
    expect(check.logged).toHaveLength(1)
  })

  test('an observer that throws changes nothing', async () => {
    await using check = await startCheck({}, { observe: broken })
    expect((await ask(check.port, 'GET /check', BEARER)).status).toBe(200)
    expect((await ask(check.port, 'GET /check')).status).toBe(401)
    expect(check.logged).toHaveLength(2)
  })
})

test('stopping ends idle connections at once', async () => {
  const check = await startCheck()
  const caller = await dial(check.port, `GET /check HTTP/1.1\r\nHost: a\r\n${BEARER}\r\n\r\n`)
  await readUntil(caller, '\r\n\r\n')
  await check.close()
  await closed(caller)
  await expect(dial(check.port, '')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a token that is known and refused is observed with its policy', async () => {
  await using check = await startCheck()
  await ask(check.port, 'GET /check', `X-API-Key: ${PAGE_TOKEN}`, FROM_SERVER)
  expect(check.observations).toMatchObject([
    { verdict: { reason: 'server_not_allowed', policy: { tokenId: 'tok_2' } } },
  ])
})
