import { IDENTITY_FIELDS } from '@keyfence/core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckProfileName } from '../../src/config/config.ts'
import { type Answered, exchange } from '../../src/proxy/proxy-fixture.ts'
import { type RunningDoors, startDoors, type TokenName } from '../running-doors.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples')
const LISTED = '8.8.8.8'
const UNLISTED = '9.9.9.9'

type Fields = readonly (readonly [name: string, value: string])[]

/** A caller's request as it reaches the proxy. */
interface CallerRequest {
  readonly method: string
  readonly target: string
  readonly fields: Fields
  readonly peer: string
}

/** What one proxy makes of a request, as recorded, and what its example lets through. */
interface Shape {
  readonly file: string
  readonly profile: CheckProfileName
  /** The list of fields that the check gets; `undefined`: all. */
  readonly asks: string | undefined
  /** The list of fields of an allow that the API gets. */
  readonly tells: string
  /** The list of fields of a refusal that the caller gets; `undefined`: all. */
  readonly answers: string | undefined
  /** The check's own line, and what the proxy writes in place of what the caller sent. */
  readonly check: (request: CallerRequest) => { readonly line: string; readonly written: Fields }
}

const forwarded: Shape['check'] = ({ method, target, peer }) => ({
  line: 'GET /check',
  written: [
    ['X-Forwarded-Method', method],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'api.example'],
    ['X-Forwarded-Uri', target],
    ['X-Forwarded-For', peer],
  ],
})

/** Envoy appends the caller's address to what it claimed. */
const prefixed: Shape['check'] = ({ method, target, fields, peer }) => {
  const claimed = fields.filter(([name]) => name === 'X-Forwarded-For').map(([, value]) => value)
  const written: Fields = [['X-Forwarded-For', [...claimed, peer].join(', ')]]
  return { line: `${method} /check${target}`, written }
}

const SHAPES: readonly Shape[] = [
  {
    file: 'traefik/dynamic.yaml',
    profile: 'traefik',
    asks: undefined,
    tells: 'authResponseHeaders',
    answers: undefined,
    check: forwarded,
  },
  {
    file: 'apisix/apisix.yaml',
    profile: 'apisix',
    asks: 'request_headers',
    tells: 'upstream_headers',
    answers: 'client_headers',
    check: forwarded,
  },
  {
    file: 'envoy/envoy.yaml',
    profile: 'envoy',
    asks: 'allowed_headers',
    tells: 'allowed_upstream_headers',
    answers: undefined,
    check: prefixed,
  },
  {
    file: 'gateway-api/external-auth.yaml',
    profile: 'envoy',
    asks: 'allowedHeaders',
    tells: 'allowedResponseHeaders',
    answers: undefined,
    check: prefixed,
  },
  {
    file: 'gateway-api/security-policy.yaml',
    profile: 'envoy',
    asks: 'headersToExtAuth',
    tells: 'headersToBackend',
    answers: undefined,
    check: prefixed,
  },
]

/** The entries of a list in an example, in lower case: `- Name`, or `- { exact: name, … }`. */
function listIn(file: string, key: string): readonly string[] {
  const lines = readFileSync(join(EXAMPLES, file), 'utf8').split('\n')
  const start = lines.findIndex((line) => line.trim() === `${key}:`)
  const names: string[] = []
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === 'patterns:') continue
    const name = /^\s*- (?:\{ exact: )?([A-Za-z-]+)/.exec(line)?.[1]
    if (name === undefined) break
    names.push(name.toLowerCase())
  }
  if (start === -1 || names.length === 0) throw new Error(`${file} has no list ${key}`)
  return names
}

/** What the proxy of an example sends to the check. */
function checkLines(shape: Shape, request: CallerRequest): readonly string[] {
  const { line, written } = shape.check(request)
  const asked = shape.asks === undefined ? undefined : listIn(shape.file, shape.asks)
  const replaced = new Set(written.map(([name]) => name.toLowerCase()))
  const passed = request.fields.filter(([name]) => {
    const known = name.toLowerCase()
    return !replaced.has(known) && (asked?.includes(known) ?? true)
  })
  const lines = [...passed, ...written].map(([name, value]) => `${name}: ${value}`)
  return [`${line} HTTP/1.1`, 'Host: api.example', ...lines]
}

/** What the caller sees of a refusal: lower-case names, those of the connection left out. */
function namesAnswered({ file, answers }: Shape, { fields }: Answered): readonly string[] {
  const kept = answers === undefined ? undefined : listIn(file, answers)
  return fields
    .map(([name]) => name.toLowerCase())
    .filter((name) => !OF_CONNECTION.has(name) && (kept?.includes(name) ?? true))
    .sort()
}

const OF_CONNECTION = new Set(['date', 'connection', 'content-length'])

const SHOP = ['Origin', 'https://shop.example'] as const
const EVIL = ['Origin', 'https://evil.example'] as const
const FORGED: Fields = [
  ['X-Forwarded-For', LISTED],
  ['X-Forwarded-Method', 'DELETE'],
  ['X-Forwarded-Uri', '/forged'],
  ['X-Original-Method', 'DELETE'],
  ['X-Original-URI', '/forged'],
  ['X-Real-IP', LISTED],
  ['Forwarded', `for=${LISTED}`],
  ['Keyfence-Owner', 'forged'],
  ['Keyfence-Token-Id', 'forged'],
]

interface Row {
  readonly token?: TokenName
  readonly fields?: Fields
  readonly peer?: string
  readonly reason: string
  readonly status: number
  readonly because: string
}

const ALLOWED: readonly Row[] = [
  { token: 'pages', fields: [SHOP], reason: 'domain_listed', status: 200, because: 'the page' },
  { token: 'servers', reason: 'ip_listed', status: 200, because: 'the address' },
  { token: 'open', fields: FORGED, reason: 'unrestricted', status: 200, because: 'forged fields' },
]

const REFUSED: readonly Row[] = [
  { token: 'pages', fields: [EVIL], reason: 'domain_not_listed', status: 403, because: 'a page' },
  {
    token: 'pages',
    fields: [['Referer', 'https://evil.example/']],
    reason: 'domain_not_listed',
    status: 403,
    because: 'a page, by its Referer',
  },
  {
    token: 'servers',
    fields: [['Sec-Fetch-Site', 'cross-site']],
    reason: 'browser_not_allowed',
    status: 403,
    because: 'a page, by Sec-Fetch-Site',
  },
  { token: 'servers', peer: UNLISTED, reason: 'ip_not_listed', status: 403, because: 'an address' },
  {
    token: 'servers',
    peer: UNLISTED,
    fields: FORGED,
    reason: 'ip_not_listed',
    status: 403,
    because: 'a forged address',
  },
  { token: 'pages', reason: 'server_not_allowed', status: 403, because: 'a server' },
  { fields: [SHOP], reason: 'token_missing', status: 401, because: 'no token' },
  { token: 'revoked', fields: [SHOP], reason: 'token_revoked', status: 401, because: 'for ever' },
  { token: 'damaged', fields: [SHOP], reason: 'record_unreadable', status: 503, because: 'broken' },
]

const OF_REFUSALS = [
  'access-control-allow-origin',
  'access-control-expose-headers',
  'cache-control',
  'content-type',
  'keyfence-request-id',
  'vary',
]

describe.each(SHAPES)('examples/$file, by the requests of its proxy as recorded', (shape) => {
  let doors: RunningDoors
  beforeAll(async () => {
    const { profile } = shape
    doors = await startDoors({ profile, trustedProxies: '127.0.0.1', servers: [LISTED] })
  })
  afterAll(() => doors.close())
  beforeEach(() => {
    doors.check.observations.length = 0
  })

  const ask = ({ token, fields = [], peer = LISTED }: Row): Promise<Answered> => {
    const secret = token === undefined ? [] : [['X-API-Key', doors.secretOf(token)] as const]
    const request = { method: 'PUT', target: '/a//b?x=1', fields: [...secret, ...fields], peer }
    return exchange(doors.check.port, checkLines(shape, request))
  }

  test.each(ALLOWED)('$reason: $because', async (row) => {
    const answer = await ask(row)
    expect([answer.status, answer.body]).toEqual([200, ''])
    const { reason } = row
    const seen = { method: 'PUT', path: '/a//b', verdict: { reason } }
    expect(doors.check.observations).toMatchObject([seen])
    const names = answer.fields.map(([name]) => name.toLowerCase())
    expect(names).toEqual(expect.arrayContaining([...listIn(shape.file, shape.tells)]))
    expect(JSON.stringify(answer.fields)).not.toContain('forged')
  })

  test.each(REFUSED)('$reason: $because', async (row) => {
    const answer = await ask(row)
    expect(answer.status).toBe(row.status)
    const { reason } = row
    const seen = { method: 'PUT', path: '/a//b', verdict: { reason } }
    expect(doors.check.observations).toMatchObject([seen])
    const more = { 401: ['www-authenticate'], 503: ['retry-after'] }[row.status] ?? []
    const hasOrigin = row.fields?.some(([name]) => name === 'Origin') === true
    const expected = [...OF_REFUSALS, ...more].filter(
      (name) => hasOrigin || !name.startsWith('access'),
    )
    expect(namesAnswered(shape, answer)).toEqual(expected.sort())
  })

  test('the API is told all four identity fields, and no other', () => {
    const names = IDENTITY_FIELDS.map((name) => name.toLowerCase())
    expect(listIn(shape.file, shape.tells)).toEqual(names)
  })

  test('nothing in it opens when Keyfence fails', () => {
    const text = readFileSync(join(EXAMPLES, shape.file), 'utf8')
    expect(text).not.toMatch(/^\s*(?:failure_mode_allow|failOpen|allow_degradation): true/m)
  })
})
