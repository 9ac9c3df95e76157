import { describe, expect, test } from 'vitest'
import type { CheckProfileName } from '../../config/config.ts'
import { BEARER, fieldsNamed, PAGE_TOKEN, TOKEN } from '../../proxy/proxy-fixture.ts'
import { ask, SETTINGS, startCheck } from '../check-fixture.ts'
import { CHECK_PROFILES } from './check-profiles.ts'

const REFUSED = '{"error":"Access denied. You don\'t have permission to access this."}'
const NO_TOKEN = '{"error":"Missing or invalid API token."}'
const UNAVAILABLE = '{"error":"Temporarily unavailable."}'

const ORIGINAL = ['X-Original-Method: PUT', 'X-Original-URI: /orders?a=b', 'X-Original-Host: a']
const FORWARDED = ['X-Forwarded-Method: PUT', 'X-Forwarded-Uri: /orders?a=b', 'X-Forwarded-Host: a']
const FORGED_ORIGINAL = ['X-Original-Method: DELETE', 'X-Original-URI: /forged']
const FORGED_FORWARDED = ['X-Forwarded-Method: DELETE', 'X-Forwarded-Uri: /forged']
const FORGED_OTHERS = [
  'X-Original-URL: http://a/forged',
  'X-Original-Path: /forged',
  'X-Original_URI: /forged',
  'X_Original_URI: /forged',
  'X_Forwarded_Uri: /forged',
  'X-Auth-Request-Redirect: /forged',
  'X-Envoy-Original-Path: /forged',
  'X-HTTP-Method-Override: DELETE',
  'Forwarded: for=8.8.8.8;host=forged',
]
const FROM_LINE = 'POST /check/orders?token=forged'

interface Row {
  readonly profiles: readonly CheckProfileName[]
  readonly line?: string
  readonly fields: readonly string[]
  readonly method: string
  readonly path: string
  readonly because: string
}

const OF_ORIGINAL = ['nginx', 'haproxy'] as const
const OF_FORWARDED = ['traefik', 'caddy', 'apisix'] as const

const LINES: readonly Row[] = [
  {
    profiles: OF_ORIGINAL,
    fields: [...ORIGINAL, ...FORGED_FORWARDED, ...FORGED_OTHERS],
    method: 'PUT',
    path: '/orders',
    because: 'X-Original-* alone',
  },
  {
    profiles: OF_FORWARDED,
    fields: [...FORWARDED, ...FORGED_ORIGINAL, ...FORGED_OTHERS],
    method: 'PUT',
    path: '/orders',
    because: 'X-Forwarded-* alone',
  },
  {
    profiles: ['envoy'],
    fields: [...FORGED_ORIGINAL, ...FORGED_FORWARDED, ...FORGED_OTHERS],
    method: 'POST',
    path: '/orders',
    because: 'its own line less the prefix',
  },
  {
    profiles: ['plain'],
    fields: [...FORGED_ORIGINAL, ...FORGED_FORWARDED, ...FORGED_OTHERS],
    method: 'POST',
    path: '/check/orders',
    because: 'its own line as it is',
  },
  {
    profiles: [...OF_ORIGINAL, ...OF_FORWARDED],
    fields: [],
    method: '',
    path: '',
    because: 'missing fields say nothing, and the own line does not stand in',
  },
  {
    profiles: OF_ORIGINAL,
    fields: FORWARDED,
    method: '',
    path: '',
    because: 'fields of another profile do not stand in',
  },
  {
    profiles: OF_FORWARDED,
    fields: ORIGINAL,
    method: '',
    path: '',
    because: 'fields of another profile do not stand in',
  },
  {
    profiles: OF_ORIGINAL,
    fields: [...FORGED_ORIGINAL, ...ORIGINAL],
    method: '',
    path: '',
    because: 'repeated fields say nothing, in any order',
  },
  {
    profiles: OF_FORWARDED,
    fields: [...FORWARDED, ...FORGED_FORWARDED],
    method: '',
    path: '',
    because: 'repeated fields say nothing, in any order',
  },
  {
    profiles: ['envoy'],
    line: 'GET /check/../check/%2e%2e//x',
    fields: [],
    method: 'GET',
    path: '/../check/%2e%2e//x',
    because: 'a raw path, neither resolved nor decoded',
  },
  {
    profiles: ['envoy'],
    line: 'GET /check',
    fields: [],
    method: 'GET',
    path: '/',
    because: 'nothing behind the prefix is the root',
  },
  {
    profiles: OF_ORIGINAL,
    fields: ['X-Original-Method: GET', 'X-Original-URI: http://a/../%00'],
    method: 'GET',
    path: 'http://a/../%00',
    because: 'what is told is told, not interpreted',
  },
]

const CASES = LINES.flatMap(({ profiles, ...row }) =>
  profiles.map((profile) => ({ profile, ...row })),
)

describe('the original line', () => {
  test.each(CASES)('$profile: $because', async ({ profile, line = FROM_LINE, fields, ...seen }) => {
    await using check = await startCheck({ profile: CHECK_PROFILES[profile] })
    const answer = await ask(check.port, line, BEARER, ...fields)
    expect(answer.status).toBe(200)
    const { method, path } = seen
    expect(check.observations).toMatchObject([{ method, path, verdict: { effect: 'allow' } }])
  })

  test.each<{ profile: CheckProfileName; line: string; fields: string[]; allowed: boolean }>([
    {
      profile: 'nginx',
      line: 'GET /check',
      fields: [`X-Original-URI: /?key=${TOKEN}`],
      allowed: true,
    },
    {
      profile: 'caddy',
      line: 'GET /check',
      fields: [`X-Forwarded-Uri: /?key=${TOKEN}`],
      allowed: true,
    },
    { profile: 'envoy', line: `GET /check/a?key=${TOKEN}`, fields: [], allowed: true },
    { profile: 'envoy', line: `GET /check?key=${TOKEN}`, fields: [], allowed: true },
    { profile: 'nginx', line: `GET /check?key=${TOKEN}`, fields: [], allowed: false },
    {
      profile: 'caddy',
      line: `GET /check?key=${TOKEN}`,
      fields: ['X-Forwarded-Uri: /'],
      allowed: false,
    },
    { profile: 'plain', line: `GET /check?key=${TOKEN}`, fields: [], allowed: false },
    {
      profile: 'nginx',
      line: 'GET /check',
      fields: [`X-Original-URI: /?key=${TOKEN}`, 'X-Original-URI: /'],
      allowed: false,
    },
  ])('$profile finds a token in the query there: $line, $allowed', async (row) => {
    const judge = { ...SETTINGS.judge, tokenQuery: 'key' }
    await using check = await startCheck({ profile: CHECK_PROFILES[row.profile], judge })
    const answer = await ask(check.port, row.line, ...row.fields)
    expect(answer.status).toBe(row.allowed ? 200 : 401)
  })
})

describe('nginx: a refusal travels as 401 or 403', () => {
  const profile = CHECK_PROFILES.nginx
  test.each<{ fields: string[]; status: number; told: string; body: string; because: string }>([
    { fields: [], status: 401, told: '401', body: NO_TOKEN, because: 'no token' },
    {
      fields: [`X-API-Key: ${PAGE_TOKEN}`],
      status: 403,
      told: '403',
      body: REFUSED,
      because: 'the rule',
    },
    {
      fields: ['X-API-Key: gone'],
      status: 403,
      told: '503',
      body: UNAVAILABLE,
      because: 'a 503 would become a 500',
    },
  ])('$told as $status: $because', async ({ fields, status, told, body }) => {
    const isGone = fields.includes('X-API-Key: gone')
    const world = isGone ? { lookUp: () => ({ state: 'unavailable' }) as const } : {}
    await using check = await startCheck({ profile }, world)
    const answer = await ask(check.port, 'GET /check', 'Origin: null', ...fields)
    expect(answer).toMatchObject({ status, body: isGone || status > 0 ? body : '' })
    expect(fieldsNamed(answer, 'keyfence-status')).toEqual([told])
    expect(fieldsNamed(answer, 'keyfence-body')).toEqual([body])
    expect(fieldsNamed(answer, 'access-control-allow-origin')).toEqual(['null'])
    expect(fieldsNamed(answer, 'retry-after')).toEqual(isGone ? ['5'] : [])
  })

  test('an allow carries neither field', async () => {
    await using check = await startCheck({ profile })
    const answer = await ask(check.port, 'GET /check', BEARER, 'Keyfence-Status: 503')
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(fieldsNamed(answer, 'keyfence-status')).toEqual([])
    expect(fieldsNamed(answer, 'keyfence-body')).toEqual([])
  })

  test('a caller who may not ask is refused that way too', async () => {
    const callers = { addresses: [], secretHash: undefined }
    await using check = await startCheck({ profile, callers })
    const answer = await ask(check.port, 'GET /check', BEARER)
    expect(answer.status).toBe(403)
    expect(fieldsNamed(answer, 'keyfence-body')).toEqual([REFUSED])
  })

  test.each(['plain', 'haproxy', 'traefik', 'caddy', 'apisix', 'envoy'] as const)(
    '%s gets the answer itself',
    async (name) => {
      const world = { lookUp: () => ({ state: 'unavailable' }) as const }
      await using check = await startCheck({ profile: CHECK_PROFILES[name] }, world)
      const answer = await ask(check.port, 'GET /check', BEARER)
      expect(answer).toMatchObject({ status: 503, body: UNAVAILABLE })
      expect(fieldsNamed(answer, 'keyfence-body')).toEqual([])
    },
  )
})

describe('a preflight on /check', () => {
  const PREFLIGHT = ['Origin: https://shop.example', 'Access-Control-Request-Method: PUT']

  test('envoy: is answered 204, for the line is the caller’s own', async () => {
    await using check = await startCheck({ profile: CHECK_PROFILES.envoy })
    const answer = await ask(check.port, 'OPTIONS /check/orders', ...PREFLIGHT)
    expect(answer.status).toBe(204)
    expect(fieldsNamed(answer, 'access-control-allow-methods')).toEqual(['PUT'])
    expect(check.observations).toEqual([])
  })

  test('envoy: is not answered to who may not ask', async () => {
    const callers = { addresses: [], secretHash: undefined }
    await using check = await startCheck({ profile: CHECK_PROFILES.envoy, callers })
    expect((await ask(check.port, 'OPTIONS /check/orders', ...PREFLIGHT)).status).toBe(403)
  })

  test.each<{ profile: CheckProfileName; line: string; fields: string[]; because: string }>([
    { profile: 'envoy', line: 'GET /check/a', fields: PREFLIGHT, because: 'another method' },
    {
      profile: 'envoy',
      line: 'GET /check/a',
      fields: [...PREFLIGHT, 'X-Forwarded-Method: OPTIONS', 'X-Original-Method: OPTIONS'],
      because: 'told by the line, never by a field',
    },
    {
      profile: 'envoy',
      line: 'OPTIONS /check/a',
      fields: PREFLIGHT.slice(0, 1),
      because: 'no method asked for',
    },
    ...(['plain', 'nginx', 'haproxy', 'traefik', 'caddy', 'apisix'] as const).map((profile) => ({
      profile,
      line: 'OPTIONS /check/a',
      fields: [...PREFLIGHT, 'X-Forwarded-Method: OPTIONS', 'X-Original-Method: OPTIONS'],
      because: 'only /preflight answers there',
    })),
  ])('$profile: 401: $because', async ({ profile, line, fields }) => {
    await using check = await startCheck({ profile: CHECK_PROFILES[profile] })
    expect((await ask(check.port, line, ...fields)).status).toBe(401)
  })
})

describe('T16: a malformed original line', () => {
  const OCTETS = [
    '/',
    '?',
    '#',
    '%',
    '%2f',
    '%00',
    '..',
    '\\',
    ':',
    '@',
    ' ',
    '\t',
    ';',
    '\u00ff',
    'a',
  ]

  test.each(['nginx', 'caddy', 'envoy'] as const)('%s: none is an allow', async (name) => {
    await using check = await startCheck({ profile: CHECK_PROFILES[name] })
    const answered = new Set<number>()
    for (let first = 0; first < 1000; first += 50) {
      const asked = Array.from({ length: 50 }, (_, at) => {
        const text = malformed(first + at)
        // A blank in a request line is another threat, and another test.
        const line = name === 'envoy' ? `GET /check/${text.replace(/\s/g, '')}` : 'GET /check'
        return ask(check.port, line, `X-Original-URI: ${text}`, `X-Forwarded-Uri: ${text}`)
      })
      for (const { status } of await Promise.all(asked)) answered.add(status)
    }
    expect([...answered].filter((status) => status !== 400 && status !== 401)).toEqual([])
    expect(answered).toContain(401)
  })

  function malformed(seed: number): string {
    const choices = [seed, seed >> 2, seed >> 4, seed >> 6]
    return choices.map((choice) => OCTETS[choice % OCTETS.length]).join('')
  }
})
