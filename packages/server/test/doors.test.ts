import { formatToken, IDENTITY_FIELDS } from '@keyfence/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placeOf } from '../src/api/source-place.ts'
import { expectOtherDoorsAgree } from './door-agreement.ts'
import { type DoorAnswer, type RunningDoors, startDoors, type TokenName } from './running-doors.ts'

let doors: RunningDoors

beforeAll(async () => {
  doors = await startDoors()
})
afterAll(() => doors.close())

/** One request, asked at every door; where nothing else is said, from 8.8.8.8 behind a proxy. */
interface Row {
  /** Sent as a bearer token, and given to the decide call. */
  readonly token?: TokenName
  /** In place of that: the lines that carry a token, or more than one, or none. */
  readonly sent?: () => readonly string[]
  /** What a program finds in `sent`; `undefined`: more than one, and the decide call takes one. */
  readonly found?: () => string | null | undefined
  readonly fields?: readonly string[]
  /** Values of `X-Forwarded-For`, one line each. */
  readonly from?: readonly string[]
  readonly head?: true | undefined
  /** The copy of the tokens is too old. */
  readonly stale?: true
  /** The token's mode lets it through. */
  readonly reported?: true
  readonly reason: string
  readonly because: string
}

const UNKNOWN = formatToken('kf_', '0'.repeat(34))

const SHOP = 'Origin: https://shop.example'
const EVIL = 'Origin: https://evil.example'
const EVIL_PAGE = 'https://evil.example'

const BROWSERS: readonly Row[] = [
  { token: 'open', fields: [EVIL], reason: 'unrestricted', because: 'both lists are off' },
  { token: 'pages', fields: [SHOP], reason: 'domain_listed', because: 'the listed page' },
  {
    token: 'pages',
    fields: ['oRIGIN:HTTPS://Shop.Example.:8443'],
    reason: 'domain_listed',
    because: 'case, port and a final dot',
  },
  {
    token: 'pages',
    fields: ['Origin: \t http://shop.example\t'],
    reason: 'domain_listed',
    because: 'blanks around, and http',
  },
  {
    token: 'pages',
    fields: ['Origin: https://a.wild.example'],
    reason: 'domain_listed',
    because: 'below a wildcard',
  },
  {
    token: 'pages',
    fields: ['Origin: https://tree.example'],
    reason: 'domain_listed',
    because: 'with its subdomains',
  },
  {
    token: 'pages',
    fields: ['Referer: https://shop.example/cart?x=1'],
    reason: 'domain_listed',
    because: 'a page without an Origin',
  },
  {
    token: 'both',
    fields: [SHOP],
    from: ['9.9.9.9'],
    reason: 'domain_listed',
    because: 'a page, whatever its address',
  },
  {
    token: 'pages',
    fields: ['Origin: https://wild.example'],
    reason: 'domain_not_listed',
    because: 'the bare domain of a wildcard',
  },
  { token: 'pages', fields: [EVIL], reason: 'domain_not_listed', because: 'another page' },
  {
    token: 'pages',
    fields: ['Origin: https://shop.example.evil.example'],
    reason: 'domain_not_listed',
    because: 'a shared beginning',
  },
  {
    token: 'pages',
    fields: ['Origin: https://notshop.example'],
    reason: 'domain_not_listed',
    because: 'a shared end',
  },
  {
    token: 'pages',
    fields: [EVIL, 'Referer: https://shop.example/'],
    reason: 'domain_not_listed',
    because: 'the Origin alone decides',
  },
  {
    token: 'pages',
    fields: ['Referer: https://shop.example@evil.example/'],
    reason: 'domain_not_listed',
    because: 'user information is no host',
  },
  {
    token: 'both',
    fields: [EVIL],
    reason: 'domain_not_listed',
    because: 'a page from a listed address',
  },
  {
    token: 'pages',
    fields: ['Sec-Fetch-Site: cross-site'],
    reason: 'domain_missing',
    because: 'evidence without a page',
  },
  {
    token: 'pages',
    fields: ['sec-fetch-site:'],
    reason: 'domain_missing',
    because: 'an empty value is evidence',
  },
  {
    token: 'pages',
    fields: ['Origin: null'],
    reason: 'domain_unreadable',
    because: 'a sandboxed page',
  },
  {
    token: 'pages',
    fields: ['Origin: null', 'Referer: https://shop.example/'],
    reason: 'domain_unreadable',
    because: 'no fall-back to Referer',
  },
  { token: 'pages', fields: ['Origin:'], reason: 'domain_unreadable', because: 'an empty Origin' },
  {
    token: 'pages',
    fields: [SHOP, SHOP],
    reason: 'domain_unreadable',
    because: 'a repeated Origin',
  },
  { token: 'pages', fields: [SHOP, EVIL], reason: 'domain_unreadable', because: 'two Origins' },
  {
    token: 'pages',
    fields: [`${SHOP}, ${EVIL_PAGE}`],
    reason: 'domain_unreadable',
    because: 'two in one line',
  },
  {
    token: 'pages',
    fields: [`${SHOP}/`],
    reason: 'domain_unreadable',
    because: 'a path behind it',
  },
  {
    token: 'pages',
    fields: ['Origin: http://127.0.0.1:5173'],
    reason: 'domain_unreadable',
    because: 'an address is no domain',
  },
  {
    token: 'pages',
    fields: ['Origin: chrome-extension://abcdef'],
    reason: 'domain_unreadable',
    because: 'an extension',
  },
  {
    token: 'pages',
    fields: ['Origin: https://sh\u00f6p.example'],
    reason: 'domain_unreadable',
    because: 'an octet above U+007E',
  },
  {
    token: 'pages',
    fields: ['Referer: https://shop.example/', 'Referer: https://shop.example/'],
    reason: 'domain_unreadable',
    because: 'a repeated Referer',
  },
  {
    token: 'servers',
    fields: [SHOP],
    reason: 'browser_not_allowed',
    because: 'a page, with addresses alone',
  },
  {
    token: 'servers',
    fields: ['Referer:'],
    reason: 'browser_not_allowed',
    because: 'an empty Referer is evidence',
  },
  {
    token: 'noDomains',
    fields: [SHOP],
    reason: 'domain_list_empty',
    because: 'an empty list matches nobody',
  },
  {
    token: 'noDomains',
    fields: ['Origin: null'],
    reason: 'domain_list_empty',
    because: 'before an unreadable one',
  },
]

const ADDRESSES: readonly Row[] = [
  { token: 'open', reason: 'unrestricted', because: 'both lists are off' },
  { token: 'servers', reason: 'ip_listed', because: 'the listed address' },
  {
    token: 'servers',
    from: ['9.9.9.9, [::ffff:8.8.8.8]:443'],
    reason: 'ip_listed',
    because: 'mapped, with a port, right-most',
  },
  {
    token: 'servers',
    from: ['8.8.8.8', '10.0.0.9, ,'],
    reason: 'ip_listed',
    because: 'over a trusted hop and two lines',
  },
  {
    token: 'servers',
    from: ['2606:4700:0::1111'],
    reason: 'ip_listed',
    because: 'IPv6 in another spelling',
  },
  {
    token: 'servers',
    fields: ['Sec-Fetch-Mode: cors', 'Cookie: Origin=x'],
    reason: 'ip_listed',
    because: 'nothing else is evidence',
  },
  {
    token: 'servers',
    fields: ['X_Origin: https://evil.example', 'Origin2: x'],
    reason: 'ip_listed',
    because: 'other names are other fields',
  },
  { token: 'both', reason: 'ip_listed', because: 'a server by its address' },
  {
    token: 'servers',
    from: ['8.8.8.8, 9.9.9.9'],
    reason: 'ip_not_listed',
    because: 'a forged hop on the left',
  },
  { token: 'servers', from: ['8.8.4.4'], reason: 'ip_not_listed', because: 'another address' },
  {
    token: 'servers',
    from: ['2606:4700::1112'],
    reason: 'ip_not_listed',
    because: 'another IPv6 address',
  },
  {
    token: 'both',
    from: ['9.9.9.9'],
    reason: 'ip_not_listed',
    because: 'a server, whatever the domains',
  },
  {
    token: 'servers',
    fields: ['X-Real-IP: 8.8.8.8', 'Forwarded: for=8.8.8.8', 'X_Forwarded_For: 8.8.8.8'],
    from: ['9.9.9.9'],
    reason: 'ip_not_listed',
    because: 'forged fields that nobody reads',
  },
  { token: 'servers', from: ['unknown'], reason: 'ip_unreadable', because: 'a hop that is none' },
  {
    token: 'servers',
    from: ['8.8.8.8, 010.0.0.1'],
    reason: 'ip_unreadable',
    because: 'octal is no address',
  },
  { token: 'servers', from: [','], reason: 'ip_unreadable', because: 'blank hops alone' },
  {
    token: 'servers',
    from: [`8.8.8.8${',10.0.0.1'.repeat(32)}`],
    reason: 'ip_unreadable',
    because: 'more than 32 hops',
  },
  { token: 'pages', reason: 'server_not_allowed', because: 'a server, with domains alone' },
  { token: 'noIps', reason: 'ip_list_empty', because: 'an empty list matches nobody' },
  {
    token: 'noIps',
    from: ['unknown'],
    reason: 'ip_list_empty',
    because: 'before an unreadable one',
  },
]

const bearer = (text: string): string => `Authorization: Bearer ${text}`
const apiKey = (text: string): string => `X-API-Key: ${text}`

const TOKENS: readonly Row[] = [
  {
    sent: () => [apiKey(doors.secretOf('pages'))],
    found: () => doors.secretOf('pages'),
    fields: [SHOP],
    reason: 'domain_listed',
    because: 'the other field',
  },
  {
    sent: () => [`authorization: bEARER   ${doors.secretOf('open')}`],
    found: () => doors.secretOf('open'),
    reason: 'unrestricted',
    because: 'a scheme in any case',
  },
  {
    sent: () => [bearer(doors.secretOf('open')), apiKey(doors.secretOf('open'))],
    found: () => doors.secretOf('open'),
    reason: 'unrestricted',
    because: 'the same token in two fields',
  },
  { sent: () => [], found: () => null, fields: [SHOP], reason: 'token_missing', because: 'none' },
  {
    sent: () => ['Authorization: Basic dTpw'],
    found: () => null,
    reason: 'token_missing',
    because: 'another scheme',
  },
  {
    sent: () => ['X-API-Key:'],
    found: () => '',
    reason: 'token_missing',
    because: 'an empty value',
  },
  {
    sent: () => [`X_API_Key: ${doors.secretOf('open')}`],
    found: () => null,
    reason: 'token_missing',
    because: 'another field',
  },
  {
    sent: () => [bearer('kf_short')],
    found: () => 'kf_short',
    fields: [EVIL],
    reason: 'token_malformed',
    because: 'our prefix and no checksum',
  },
  {
    sent: () => [apiKey('x'.repeat(513))],
    found: () => 'x'.repeat(513),
    reason: 'token_malformed',
    because: 'over-long',
  },
  {
    sent: () => [apiKey(`${doors.secretOf('open')},`)],
    found: () => `${doors.secretOf('open')},`,
    reason: 'token_malformed',
    because: 'a comma',
  },
  {
    sent: () => [bearer(doors.secretOf('open')), bearer(doors.secretOf('open'))],
    found: () => undefined,
    reason: 'token_ambiguous',
    because: 'a repeated field',
  },
  {
    sent: () => [bearer(doors.secretOf('open')), apiKey(doors.secretOf('pages'))],
    found: () => undefined,
    fields: [SHOP],
    reason: 'token_ambiguous',
    because: 'two tokens',
  },
  {
    sent: () => [bearer(UNKNOWN)],
    found: () => UNKNOWN,
    fields: ['Origin: null'],
    reason: 'token_unknown',
    because: 'nobody knows it',
  },
  {
    sent: () => [bearer('another-shape')],
    found: () => 'another-shape',
    fields: [SHOP, EVIL],
    reason: 'token_unknown',
    because: 'nobody is named to two Origins',
  },
  { token: 'revoked', fields: [SHOP], reason: 'token_revoked', because: 'for ever' },
  { token: 'disabled', reason: 'token_disabled', because: 'for now' },
  { token: 'rotated', reason: 'token_rotated', because: 'there is a newer secret' },
  { token: 'expired', reason: 'token_expired', because: 'its time is over' },
  { token: 'notYet', reason: 'token_not_yet_valid', because: 'its time is to come' },
  {
    token: 'damaged',
    fields: [SHOP],
    reason: 'record_unreadable',
    because: 'nothing can be known of it',
  },
  {
    token: 'open',
    stale: true,
    fields: [SHOP],
    reason: 'store_unavailable',
    because: 'the copy is too old',
  },
  {
    sent: () => [bearer(UNKNOWN)],
    found: () => UNKNOWN,
    stale: true,
    reason: 'store_unavailable',
    because: 'it may be known by now',
  },
  {
    sent: () => [],
    found: () => null,
    stale: true,
    reason: 'token_missing',
    because: 'that much is known',
  },
]

const REPORTED: readonly Row[] = [
  {
    token: 'watchedPages',
    fields: [EVIL],
    reported: true,
    reason: 'domain_not_listed',
    because: 'let through',
  },
  {
    token: 'watchedPages',
    fields: ['Origin: null'],
    reported: true,
    reason: 'domain_unreadable',
    because: 'let through',
  },
  { token: 'watchedPages', reported: true, reason: 'server_not_allowed', because: 'let through' },
  { token: 'watchedPages', fields: [SHOP], reason: 'domain_listed', because: 'allowed anyway' },
  {
    token: 'watchedServers',
    from: ['9.9.9.9'],
    reported: true,
    reason: 'ip_not_listed',
    because: 'let through',
  },
  {
    token: 'watchedServers',
    fields: [SHOP],
    reported: true,
    reason: 'browser_not_allowed',
    because: 'let through',
  },
  { token: 'watchedRevoked', fields: [EVIL], reason: 'token_revoked', because: '401 stands' },
  {
    token: 'watchedPages',
    stale: true,
    fields: [EVIL],
    reason: 'store_unavailable',
    because: '503 stands',
  },
]

const FORGED = ['Keyfence-Owner: forged', 'keyfence_token_id: forged', 'Keyfence-Source: forged']

const FORMS: readonly Row[] = [
  { token: 'pages', head: true, fields: [SHOP], reason: 'domain_listed', because: 'HEAD' },
  { token: 'pages', head: true, fields: [EVIL], reason: 'domain_not_listed', because: 'HEAD' },
  { sent: () => [], found: () => null, head: true, reason: 'token_missing', because: 'HEAD' },
  { token: 'open', stale: true, head: true, reason: 'store_unavailable', because: 'HEAD' },
  {
    token: 'both',
    fields: [...FORGED, SHOP],
    reason: 'domain_listed',
    because: 'identity is never the caller’s word',
  },
  {
    token: 'pages',
    fields: [...FORGED, 'Connection: origin'],
    reason: 'server_not_allowed',
    because: 'neither is it in a refusal',
  },
  {
    token: 'servers',
    fields: ['Connection: authorization, x-forwarded-for'],
    reason: 'ip_listed',
    because: 'fields are judged as they came',
  },
  {
    token: 'open',
    fields: ['__proto__: x', 'constructor: y'],
    reason: 'unrestricted',
    because: 'names like any other',
  },
]

const ROWS = [...BROWSERS, ...ADDRESSES, ...TOKENS, ...REPORTED, ...FORMS]

const BODIES: Readonly<Record<number, string>> = {
  200: '',
  401: '{"error":"Missing or invalid API token."}',
  403: '{"error":"Access denied. You don\'t have permission to access this."}',
  503: '{"error":"Temporarily unavailable."}',
}

/** Origins of the rows that a refusal names, so that their pages can read it. */
const NAMED_ORIGINS: ReadonlySet<string> = new Set([
  'null',
  'https://shop.example',
  'https://wild.example',
  'https://evil.example',
  'https://shop.example.evil.example',
  'https://notshop.example',
  'http://127.0.0.1:5173',
  'chrome-extension://abcdef',
])

const ALLOWS: ReadonlySet<string> = new Set(['unrestricted', 'domain_listed', 'ip_listed'])

function statusOf({ reason, reported }: Row): number {
  if (reported === true || ALLOWS.has(reason)) return 200
  if (reason.startsWith('token_')) return 401
  return reason === 'record_unreadable' || reason === 'store_unavailable' ? 503 : 403
}

/** The origin that a refusal names: the only one, if it is one at all. */
function originOf({ fields = [] }: Row): string | undefined {
  const [line = '', ...others] = fields.filter((field) => field.startsWith('Origin:'))
  const origin = line.slice('Origin:'.length).trim()
  return others.length === 0 && NAMED_ORIGINS.has(origin) ? origin : undefined
}

function linesOf({ token, sent, fields = [], from = ['8.8.8.8'] }: Row): string[] {
  const carriers = sent?.() ?? (token === undefined ? [] : [bearer(doors.secretOf(token))])
  return [...carriers, ...fields, ...from.map((value) => `X-Forwarded-For: ${value}`)]
}

function askDoor(door: 'proxy' | 'check', row: Row): Promise<DoorAnswer> {
  return doors.ask(door, row.head === true ? 'HEAD' : 'GET', linesOf(row))
}

function askDecision(row: Row, token: string | null, peer: string | null = '127.0.0.1') {
  const headers = linesOf(row).map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1)]
  })
  return doors.decide({ token, peer, headers })
}

const REQUEST_ID = 'Keyfence-Request-Id'

function valueOf(headers: DoorAnswer['headers'], name: string): string | undefined {
  return headers.find(([known]) => known === name)?.[1]
}

/** The decision as the decide call tells it; of the fields, all but the request id, which differs. */
function decisionOf({ status, headers, body, observation: { verdict } }: DoorAnswer) {
  const { domain = null, address = null } = placeOf(verdict.source)
  return {
    effect: verdict.effect === 'allow' ? 'allow' : 'deny',
    source: verdict.source?.kind ?? null,
    reason: verdict.reason,
    domain,
    address,
    tokenId: verdict.policy?.tokenId ?? null,
    owner: verdict.policy?.owner ?? null,
    enforced: verdict.effect === 'refuse' || verdict.enforced,
    response: { status, headers: headers.filter(([name]) => name !== REQUEST_ID), body },
  }
}

async function expectAgreement(row: Row): Promise<void> {
  const reached = doors.upstream.seen.length
  const proxy = await askDoor('proxy', row)
  const check = await askDoor('check', row)
  expectAnswer(check, row)
  expect(proxy.observation.verdict).toEqual(check.observation.verdict)
  expect(doors.upstream.seen.length - reached).toBe(statusOf(row) === 200 ? 1 : 0)
  if (statusOf(row) === 200) {
    expect(proxy.status).toBe(200)
    expectIdentity(check)
  } else {
    expectAnswer(proxy, row)
    expect(decisionOf(proxy)).toEqual(decisionOf(check))
  }
  await expectSameDecision(row, check)
  const question = { isHead: row.head === true, lines: linesOf(row) }
  await expectOtherDoorsAgree(doors, question, { answer: check, ...row })
}

function expectAnswer({ status, headers, body, observation }: DoorAnswer, row: Row): void {
  expect([status, observation.verdict.reason]).toEqual([statusOf(row), row.reason])
  expect(body).toBe(row.head === true ? '' : BODIES[status])
  expect(valueOf(headers, 'Cache-Control')).toBe('no-store')
  expect(valueOf(headers, REQUEST_ID)).toBe(observation.requestId)
  if (status === 200) return
  expect(observation.requestId).toMatch(/./)
  expect(valueOf(headers, 'Vary')).toBe('Origin')
  expect(valueOf(headers, 'Access-Control-Allow-Origin')).toBe(originOf(row))
}

/** The upstream got what the check endpoint answered, and nothing that the caller claimed. */
function expectIdentity({ headers }: DoorAnswer): void {
  const fields = doors.upstream.seen.at(-1)?.fields ?? []
  for (const name of IDENTITY_FIELDS.slice(0, 3)) {
    expect(valueOf(headers, name)).toBe(valueOf(fields, name))
  }
  expect(valueOf(headers, 'Keyfence-Owner')).toBe('acme:42')
  expect(JSON.stringify([fields, headers])).not.toContain('forged')
}

async function expectSameDecision(row: Row, check: DoorAnswer): Promise<void> {
  const { token: name } = row
  const token = name === undefined ? row.found?.() : doors.secretOf(name)
  if (token === undefined) return
  const { decision, observation } = await askDecision(row, token)
  const { status, headers, body } = decision.response
  // Not told the method: whoever relays an answer to HEAD leaves the body out.
  expectAnswer({ status, headers, body, observation }, { ...row, head: undefined })
  const expected = decisionOf(check)
  const fields = headers.filter(([field]) => field !== REQUEST_ID)
  expect({ ...decision, response: { status, headers: fields, body } }).toEqual({
    ...expected,
    response: { ...expected.response, body: BODIES[status] },
  })
}

describe('proxy, check endpoint, decide call and every door of the guard agree', () => {
  test.each(ROWS)('$reason: $because', async (row) => {
    if (row.stale === true) await doors.whileStale(() => expectAgreement(row))
    else await expectAgreement(row)
  })

  test('on every reason of the rule and of tokens, more refusals than allows', () => {
    const refused = ROWS.filter((row) => statusOf(row) !== 200)
    expect(new Set(ROWS.map(({ reason }) => reason)).size).toBe(3 + 9 + 9 + 2)
    expect(refused.length).toBeGreaterThan(ROWS.length / 2)
  })
})

test('without any X-Forwarded-For the peer is the client; on the check endpoint, nobody is', async () => {
  const row: Row = { token: 'servers', from: [], reason: '', because: '' }
  const secret = doors.secretOf('servers')
  const [proxy, check] = [await askDoor('proxy', row), await askDoor('check', row)]
  expect(proxy.observation.verdict.reason).toBe('ip_not_listed')
  expect(check.observation.verdict.reason).toBe('ip_unreadable')
  expect((await askDecision(row, secret, '8.8.8.8')).decision.reason).toBe('ip_listed')
  expect((await askDecision(row, secret, null)).decision.reason).toBe('ip_unreadable')
})
