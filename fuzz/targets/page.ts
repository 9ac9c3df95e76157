import { parseDomain, parseOrigin, readEvidence, requestSource, trimBlanks } from '@keyfence/core'
import { mustHold, pureTarget, words } from '../target.ts'

const HOST = /^(?!.{254})([a-z0-9_-]{1,63}[.])*[a-z0-9_-]{1,63}$/
const PIECES = [
  ...words(
    'http:// https:// HTTPS:// ws:// example.com xn-- xn--bcher-kva :// // . .. :443 :65536 :0',
  ),
  ...words(
    ': @ a@ %00 %2e # ? / \\ , * null 127.0.0.1 0x7f [::1] ::ffff: \u212a \u0130 \u3002 \u200d',
  ),
  ' ',
  '\t',
  `${'a'.repeat(63)}.`,
  'a'.repeat(64),
  `${'a.'.repeat(126)}a`,
]
const SEEDS = [
  'https://example.com',
  'http://a.example.com:8080/path?query#part',
  'null',
  'HTTP://A.b.',
]

/** `Origin` (spec §3, 1). */
export const origin = pureTarget({
  name: 'origin',
  shape: 'text',
  seeds: SEEDS,
  pieces: PIECES,
  lengthMax: 600,
  run: (text) => {
    const value = trimBlanks(text)
    const parsed = parseOrigin(value)
    const source = pageOf(['Origin', text, 'Referer', 'https://good.example'])
    mustHold(source === parsed?.domain, 'a Referer beside an Origin is not looked at')
    if (parsed === undefined) return
    isDomain(parsed.domain)
    const written = `${parsed.scheme}://${parsed.domain}`
    mustHold(parseOrigin(written)?.domain === parsed.domain, 'written again it is the same')
    mustHold(isServedBy(value, parsed.domain), 'a URL parser finds the same host')
    mustHold(/^https?:\/\/[^/?#@\\]+$/i.test(value), 'it is an origin and nothing else')
  },
})

/** `Referer` (spec §3, 2). */
export const referer = pureTarget({
  name: 'referer',
  shape: 'text',
  seeds: SEEDS,
  pieces: PIECES,
  lengthMax: 600,
  run: (text) => {
    const value = trimBlanks(text)
    const domain = pageOf(['Referer', text])
    mustHold(
      pageOf(['Referer', text, 'Referer', text]) === undefined,
      'a repeated one names nobody',
    )
    if (domain === undefined) return
    isDomain(domain)
    mustHold(/^[!-[\]-~]+$/.test(value), 'no blank, control, backslash or non-ASCII character')
    mustHold(isServedBy(value, domain), 'a URL parser finds the same host')
    mustHold(pageOf(['Referer', `https://${domain}/x`]) === domain, 'written again it is the same')
    mustHold(
      pageOf(['Referer', `https://a@b@${domain}`]) === domain,
      'all up to the last @ is a user',
    )
  },
})

function pageOf(fields: readonly string[]): string | undefined {
  const settings = { trustedProxies: [], barePeer: 'is_client', httpsOriginsOnly: false } as const
  const source = requestSource(readEvidence(fields), '192.0.2.1', settings)
  mustHold(source.kind === 'browser', 'it is evidence of a browser, whatever its value')
  return source.domain
}

function isDomain(domain: string): void {
  mustHold(HOST.test(domain), 'labels of allowed characters and lengths')
  mustHold(!/(^|[.])([0-9]+|0x[^.]*)$/.test(domain), 'never an IP address')
  mustHold(parseDomain(domain) === domain, 'a domain parses to itself')
}

/** Whether browsers, if they take the URL at all, would say so too. They check punycode, we do not. */
function isServedBy(value: string, domain: string): boolean {
  const url = URL.parse(value)
  return url === null || url.hostname.replace(/[.]$/, '') === domain
}
