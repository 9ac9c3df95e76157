import type { ExampleName } from './example-rows.ts'

/**
 * A request that opened a gate somewhere (docs/threats.md), asked through every example without a token,
 * with one from a page that it does not list, and with one from a page that it does.
 */
export interface ThreatRow {
  readonly t: string
  /** `GET /orders?a=b` where nothing is said. */
  readonly line?: string
  readonly fields: readonly string[]
  readonly because: string
  /** Proxies that answer it themselves, with this status, and ask or tell nobody. */
  readonly byProxy?: Readonly<Partial<Record<ExampleName, number>>>
  /** Where it is allowed and the API, or the proxy before it, still has none of it: that status. */
  readonly ofApi?: Readonly<Partial<Record<ExampleName, number>>>
}

const field = (t: string, because: string, ...fields: string[]): ThreatRow => ({
  t,
  fields,
  because,
})

const lineOf = (
  [t, line, because]: readonly [string, string, string],
  more: Omit<ThreatRow, 't' | 'line' | 'because' | 'fields'> = {},
): ThreatRow => ({ t, line, fields: [], because, ...more })

const everywhere = (status: number): Pick<ThreatRow, 'byProxy'> => ({
  byProxy: { nginx: status, caddy: status, haproxy: status },
})

const upgrade = (to: string): string[] => ['Connection: Upgrade', `Upgrade: ${to}`]
const DATE = 'Thu, 26 Nov 2026 12:00:00 GMT'

const FORGED_LINES: readonly ThreatRow[] = [
  field('T17', 'a forged method', 'X-Original-Method: OPTIONS'),
  field('T17', 'a forged method, of other proxies', 'X-Forwarded-Method: OPTIONS'),
  field('T17', 'a method for the API', 'X-HTTP-Method-Override: OPTIONS'),
  field('T17', 'a forged target', 'X-Original-URI: /forged'),
  field('T17', 'a forged target, of other proxies', 'X-Forwarded-Uri: /forged'),
  field('T17', 'twice, with one that is empty', 'X-Original-URI:', 'X-Original-URI: /forged'),
  field('T17', 'a forged URL', 'X-Original-URL: https://api.example/forged'),
  field('T17', 'a forged URL, elsewhere', 'X-Rewrite-URL: /healthz'),
  field('T17', 'a forged path, elsewhere', 'X-Envoy-Original-Path: /healthz'),
  field('T17', 'where to go after signing in', 'X-Auth-Request-Redirect: /healthz'),
  field('T17', 'a forged host', 'X-Forwarded-Host: forged.example', 'X-Original-Host: forged'),
  field('T17', 'a forged scheme', 'X-Forwarded-Proto: forged', 'X-Forwarded-Scheme: forged'),
  field(
    'T17',
    'a forged port and prefix',
    'X-Forwarded-Port: forged',
    'X-Forwarded-Prefix: /forged',
  ),
  field('T17', 'all of it, standardised', 'Forwarded: for=forged;host=forged;proto=forged'),
  field('T17', 'the names with underscores', 'X_Original_URI: /forged', 'X_Forwarded_Uri: /forged'),
  { ...field('T17', 'a second host', 'Host: shop.example'), ...everywhere(400) },
]

const HEALTH_CHECKERS: readonly ThreatRow[] = [
  field('T18', 'a health checker', 'User-Agent: kube-probe/1.30'),
  field('T18', 'another one', 'User-Agent: GoogleHC/1.0'),
  field('T18', 'a load balancer', 'User-Agent: ELB-HealthChecker/2.0'),
  field('T18', 'an empty user agent', 'User-Agent:'),
  field('T18', 'a field that says so', 'X-Health-Check: 1'),
  field('T18', 'a subrequest of a framework', 'X-Middleware-Subrequest: middleware'),
  field('T18', 'an internal call', 'X-Internal: 1', 'X-Amz-Cf-Id: 1'),
  ...['/healthz', '/readyz', '/metrics', '/v1/tokens', '/favicon.ico', '/robots.txt'].map((path) =>
    lineOf(['T18', `GET ${path}`, `${path} is a path like any other`]),
  ),
  ...['/check', '/check/orders', '/preflight', '/check?/preflight'].map((path) =>
    lineOf(['T18', `GET ${path}`, `${path} is Keyfence’s own only where the proxy asks`]),
  ),
]

const LINES: readonly ThreatRow[] = [
  // Caddy has no site of that name, and says so with an empty 200 of its own.
  lineOf(['T17', 'GET http://shop.example/orders', 'a whole URL with another host'], {
    byProxy: { caddy: 200, haproxy: 400 },
  }),
  lineOf(['T16', 'GET orders', 'no slash'], everywhere(400)),
  lineOf(['T16', 'GET *', 'an asterisk'], { byProxy: { nginx: 400 } }),
  lineOf(['T16', 'GET  /orders', 'two blanks'], { byProxy: { caddy: 400 } }),
  lineOf(['T16', 'GET /a b', 'a blank inside'], everywhere(400)),
  lineOf(['T16', 'GET\t/orders', 'a tab'], { byProxy: { nginx: 400, caddy: 400 } }),
  lineOf(['T16', 'GET /%', 'half an escape'], { byProxy: { nginx: 400, caddy: 400 } }),
  lineOf(['T16', 'GET /%zz', 'an escape of no digits'], { byProxy: { nginx: 400, caddy: 400 } }),
  lineOf(['T16', 'GET /%00', 'an escaped NUL'], { byProxy: { nginx: 400 } }),
  lineOf(['T16', 'GET /\u0000', 'a NUL'], everywhere(400)),
  lineOf(['T16', 'GET /\u00e4', 'an octet above 127'], {
    byProxy: { haproxy: 400 },
    ofApi: { nginx: 400 },
  }),
  lineOf(['T16', 'GET \\orders', 'a backslash'], everywhere(400)),
  lineOf(['T16', 'GET /a/../../orders', 'above the root'], { byProxy: { nginx: 400 } }),
  lineOf(['T16', 'GET /a#b', 'a fragment'], { byProxy: { haproxy: 400 } }),
  lineOf(['T16', 'get /orders', 'another case'], {
    byProxy: { nginx: 400 },
    ofApi: { caddy: 400, haproxy: 400 },
  }),
  lineOf(['T16', 'G=T /orders', 'no method'], everywhere(400)),
  // Inside nginx alone these lead to the question itself.
  ...['/_keyfence_check', '//_keyfence_check', '/a/../_keyfence_check', '/%5fkeyfence_check'].map(
    (path) => lineOf(['T16', `GET ${path}`, `the location ${path}`], { byProxy: { nginx: 404 } }),
  ),
  lineOf(['T16', 'GET /@keyfence_preflight', 'the name of another location']),
]

/** Of the octets of a line that nginx takes, nearly all: three are more than Keyfence takes. */
const FILLER = 'y'.repeat(7_900)

/** Keyfence cannot read it: nginx makes 503 of that, Caddy hands it on, HAProxy has said 400 before. */
const TOO_MUCH = { byProxy: { nginx: 503, caddy: 431, haproxy: 400 } } as const

const STRAIN: readonly ThreatRow[] = [
  {
    ...field('T34', 'too many octets', ...[1, 2, 3].map((at) => `X-${at}: ${FILLER}`)),
    ...TOO_MUCH,
  },
  {
    ...field('T34', 'too many fields', ...Array.from({ length: 130 }, (_, at) => `X-${at}: y`)),
    ...TOO_MUCH,
  },
  lineOf(['T34', `GET /${FILLER}`, 'a long path']),
  lineOf(['T34', `GET /?${FILLER}`, 'a long query']),
  lineOf(['T34', 'TRACE /orders', 'TRACE'], { byProxy: { nginx: 405 } }),
  lineOf(['T34', 'CONNECT api.example:443', 'a tunnel'], {
    byProxy: { nginx: 400 },
    ofApi: { caddy: 502, haproxy: 502 },
  }),
  lineOf(['T34', 'PROPFIND /orders', 'a rare method']),
  lineOf(['T34', 'PURGE /orders', 'a method of caches']),
  field('T34', 'it waits to be told to go on', 'Expect: 100-continue'),
  {
    ...field('T34', 'it expects what nobody knows', 'Expect: forged'),
    byProxy: { caddy: 417 },
    ofApi: { haproxy: 417 },
  },
  field('T34', 'a tunnel of HTTP/2', ...upgrade('h2c'), 'HTTP2-Settings: AAMAAABkAAQAAP__'),
  field('T34', 'a tunnel of HTTP/2 in two lines', ...upgrade('h2c'), 'Upgrade: forged'),
  field('T34', 'an upgrade to what nobody knows', ...upgrade('forged/9')),
  field('T34', 'an upgrade to a WebSocket and more', ...upgrade('forged, websocket-2')),
  field('T34', 'fields of the connection', 'TE: trailers', 'Keep-Alive: timeout=1', 'Trailer: A'),
  field('T34', 'early data', 'Early-Data: 1'),
  field('T34', 'it asks for a part', 'Range: bytes=0-0', 'If-Range: "a"'),
  field('T34', 'it has it already', 'If-None-Match: *', `If-Modified-Since: ${DATE}`),
  field('T34', 'only if it is another', 'If-Match: "a"', `If-Unmodified-Since: ${DATE}`),
  field('T34', 'only from a cache', 'Cache-Control: only-if-cached', 'Pragma: no-cache'),
  field('T34', 'odd octets', 'X-Odd: \u00ff\u00fe\u0080', 'Cookie: \u00e4'),
  field('T34', 'words for proxies', 'X-Accel-Redirect: /orders', 'X-Sendfile: /etc/hostname'),
  field('T34', 'names of an object’s own', '__proto__: x', 'constructor: y', 'toString: z'),
  field('T34', 'how to fail', 'Keyfence-Status: 200', 'Keyfence-Body: forged', 'X-Fail-Open: 1'),
]

/** Every example answers these so. */
export const THREAT_ROWS: readonly ThreatRow[] = [
  ...FORGED_LINES,
  ...HEALTH_CHECKERS,
  ...LINES,
  ...STRAIN,
]
