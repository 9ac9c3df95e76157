import { formatToken } from '@keyfence/core'
import type { TokenName } from '../running-doors.ts'
import { UNLISTED } from './example-world.ts'

export type ExampleName = 'nginx' | 'caddy' | 'haproxy'

/** One request, asked through every example; where nothing else is said, from a listed address. */
export interface ExampleRow {
  readonly token?: TokenName
  readonly fields: readonly string[]
  readonly reason: string
  readonly because: string
  /** In place of the token as bearer: the lines that carry one, from secrets. */
  readonly sent?: (secretOf: (name: TokenName) => string) => readonly string[]
  readonly line?: string
  readonly from?: string
  readonly stale?: true
  /** Proxies that refuse it themselves, with this status. */
  readonly byProxy?: Readonly<Partial<Record<ExampleName, number>>>
}

type More = Omit<ExampleRow, 'token' | 'fields' | 'reason' | 'because'>

function row(
  [token, reason, because]: readonly [TokenName | undefined, string, string],
  fields: readonly string[] = [],
  more: More = {},
): ExampleRow {
  return { ...(token === undefined ? {} : { token }), fields, reason, because, ...more }
}

const SHOP = 'Origin: https://shop.example'
const EVIL = 'Origin: https://evil.example'
const SITE = 'Sec-Fetch-Site: cross-site'
const UNKNOWN = formatToken('kf_', '0'.repeat(34))
const bearer = (text: string): string => `Authorization: Bearer ${text}`
const apiKey = (text: string): string => `X-API-Key: ${text}`
const elsewhere = { from: UNLISTED }

/** Fields by which a caller may claim an address, an identity or another request. */
const FORGED = {
  addresses: [
    'X-Forwarded-For: 127.0.0.9',
    'X-Forwarded-For: 127.0.0.9, 127.0.0.1',
    'x-forwarded-for: 127.0.0.9',
    'X_Forwarded_For: 127.0.0.9',
    'X-Forwarded_For: 127.0.0.9',
    'X-Real-IP: 127.0.0.9',
    'X_Real_IP: 127.0.0.9',
    'Forwarded: for=127.0.0.9',
    'X-Client-IP: 127.0.0.9',
    'CF-Connecting-IP: 127.0.0.9',
    'True-Client-IP: 127.0.0.9',
    'X-Original-Forwarded-For: 127.0.0.9',
  ],
  identity: [
    'Keyfence-Owner: forged',
    'keyfence-owner: forged',
    'KEYFENCE-OWNER: forged',
    'Keyfence_Owner: forged',
    'Keyfence-Token-Id: forged',
    'Keyfence_Token_Id: forged',
    'Keyfence-Source: forged',
    'Keyfence-Metadata: forged',
    'Keyfence_Metadata: forged',
    'Keyfence-Status: forged',
    'Keyfence-Body: forged',
    'Keyfence-Request-Id: forged',
    'Connection: keep-alive, Keyfence-Owner',
    'Connection: Keyfence-Token-Id, X-Forwarded-For',
  ],
  lines: [
    'X-Original-Method: forged',
    'X-Original-URI: /forged',
    'X-Original-Host: forged',
    'X_Original_URI: /forged',
    'X-Original-URL: /forged',
    'X-Forwarded-Method: forged',
    'X-Forwarded-Uri: /forged',
    'X_Forwarded_Uri: /forged',
    'X-Forwarded-Host: forged',
    'X-Forwarded-Prefix: /forged',
    'X-Forwarded-Port: forged',
  ],
} as const

const BROWSERS: readonly ExampleRow[] = [
  row(['open', 'unrestricted', 'both lists are off'], [EVIL]),
  row(['pages', 'domain_listed', 'the listed page'], [SHOP]),
  row(['pages', 'domain_listed', 'case and port'], ['oRIGIN:  HTTPS://Shop.Example:8443']),
  row(['pages', 'domain_listed', 'below a wildcard'], ['Origin: https://a.wild.example']),
  row(['pages', 'domain_listed', 'a Referer alone'], ['Referer: https://shop.example/cart?x=1']),
  row(['both', 'domain_listed', 'a page from anywhere'], [SHOP, SITE], elsewhere),
  row(['pages', 'domain_not_listed', 'another page'], [EVIL]),
  row(['pages', 'domain_not_listed', 'another page, asked by HEAD'], [EVIL], { line: 'HEAD /a' }),
  row(['pages', 'domain_not_listed', 'another page, with POST'], [EVIL], { line: 'POST /a' }),
  row(
    ['pages', 'domain_not_listed', 'a shared beginning'],
    ['Origin: https://shop.example.evil.example'],
  ),
  row(['pages', 'domain_not_listed', 'the Origin alone'], [EVIL, 'Referer: https://shop.example/']),
  row(['pages', 'domain_missing', 'evidence without a page'], [SITE]),
  row(['pages', 'domain_unreadable', 'a sandboxed page'], ['Origin: null']),
  row(['pages', 'domain_unreadable', 'a repeated Origin'], [SHOP, SHOP]),
  row(['pages', 'domain_unreadable', 'two Origins'], [SHOP, EVIL]),
  row(['pages', 'domain_unreadable', 'two in one line'], [`${SHOP}, https://evil.example`]),
  row(['pages', 'domain_unreadable', 'an address is no domain'], ['Origin: http://127.0.0.1:5173']),
  row(['servers', 'browser_not_allowed', 'a page, with addresses alone'], [SHOP]),
  row(['servers', 'browser_not_allowed', 'a page, from a listed address'], [SITE]),
  row(['noDomains', 'domain_list_empty', 'an empty list matches nobody'], [SHOP]),
]

const SERVERS: readonly ExampleRow[] = [
  row(['open', 'unrestricted', 'both lists are off'], [], elsewhere),
  row(['servers', 'ip_listed', 'the listed address']),
  row(['servers', 'ip_listed', 'with PUT'], ['Content-Length: 0'], { line: 'PUT /orders/7' }),
  row(['servers', 'ip_listed', 'with HEAD'], [], { line: 'HEAD /orders/7' }),
  row(['servers', 'ip_listed', 'a raw path'], [], { line: 'GET /a//b?x=%2e%2e&y=/check' }),
  row(['both', 'ip_listed', 'a server by its address']),
  row(['servers', 'ip_not_listed', 'another address'], [], elsewhere),
  row(['both', 'ip_not_listed', 'a server, whatever the domains'], [], elsewhere),
  ...FORGED.addresses.map((line) =>
    row(['servers', 'ip_not_listed', `forged: ${line}`], [line], elsewhere),
  ),
  row(['servers', 'ip_not_listed', 'forged twice'], FORGED.addresses.slice(0, 2), elsewhere),
  row(['pages', 'server_not_allowed', 'a server, with domains alone']),
  row(['noIps', 'ip_list_empty', 'an empty list matches nobody']),
]

const CLAIMS: readonly ExampleRow[] = [
  ...[...FORGED.identity, ...FORGED.lines].map((line) =>
    row(['open', 'unrestricted', `forged: ${line}`], [line]),
  ),
  row(['open', 'unrestricted', 'everything forged at once'], [...FORGED.identity, ...FORGED.lines]),
  row(['pages', 'domain_not_listed', 'forged fields of a refusal'], [EVIL, ...FORGED.identity]),
]

const TOKENS: readonly ExampleRow[] = [
  row([undefined, 'token_missing', 'none'], [SHOP]),
  row([undefined, 'token_missing', 'none, by HEAD'], [], { line: 'HEAD /a' }),
  row([undefined, 'token_missing', 'another scheme'], ['Authorization: Basic dTpw']),
  row([undefined, 'token_missing', 'OPTIONS that is no preflight'], [SHOP], { line: 'OPTIONS /a' }),
  row([undefined, 'token_missing', 'the path of preflights'], [SHOP], { line: 'GET /preflight' }),
  row([undefined, 'token_missing', 'the path of checks'], [SHOP], { line: 'GET /check' }),
  row(
    [undefined, 'token_missing', 'the fields of a preflight'],
    [SHOP, 'Access-Control-Request-Method: PUT'],
  ),
  row([undefined, 'token_malformed', 'a wrong checksum'], [bearer('kf_short'), EVIL]),
  row([undefined, 'token_unknown', 'nobody knows it'], [bearer(UNKNOWN), 'Origin: null']),
  row([undefined, 'domain_listed', 'the other field'], [SHOP], {
    sent: (secretOf) => [apiKey(secretOf('pages'))],
  }),
  row([undefined, 'token_ambiguous', 'two fields'], [], {
    sent: (secretOf) => [bearer(secretOf('open')), apiKey(secretOf('pages'))],
  }),
  row([undefined, 'token_ambiguous', 'a repeated field'], [], {
    sent: (secretOf) => [apiKey(secretOf('open')), apiKey(secretOf('open'))],
  }),
  row([undefined, 'token_ambiguous', 'a repeated Authorization'], [], {
    sent: (secretOf) => [bearer(secretOf('open')), bearer(secretOf('open'))],
    byProxy: { nginx: 400 },
  }),
  row(['revoked', 'token_revoked', 'for ever'], [SHOP]),
  row(['disabled', 'token_disabled', 'for now']),
  row(['rotated', 'token_rotated', 'there is a newer secret']),
  row(['expired', 'token_expired', 'its time is over']),
  row(['notYet', 'token_not_yet_valid', 'its time is to come']),
  row(['damaged', 'record_unreadable', 'nothing can be known of it'], [SHOP]),
  row(['damaged', 'record_unreadable', 'nothing can be known of it, by HEAD'], [], {
    line: 'HEAD /a',
  }),
  row(['open', 'store_unavailable', 'the copy is too old'], [SHOP], { stale: true }),
  row(['watchedPages', 'domain_not_listed', 'report mode lets it through'], [EVIL], {
    line: 'GET /reported',
  }),
]

/** Every example answers these alike. */
export const EXAMPLE_ROWS: readonly ExampleRow[] = [...BROWSERS, ...SERVERS, ...CLAIMS, ...TOKENS]
