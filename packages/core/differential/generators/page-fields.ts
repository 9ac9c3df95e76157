import * as fc from 'fast-check'
import { toASCII } from 'tr46'
import type { HeaderField } from '../case.ts'
import { remembered } from '../reference/remembered.ts'
import { choose, mostly, oneOf } from './choice.ts'

/** A field line still to be written, for a host that a list may hold. */
export type PlannedField = (host: string) => HeaderField

type HostChange = (host: string) => string

// The host itself is there more than once: it is what most pages send.
const HOST_CHANGES: readonly HostChange[] = [
  (host) => host,
  (host) => host,
  (host) => host,
  (host) => `www.${host}`,
  (host) => `a.b.${host}`,
  (host) => host.toUpperCase(),
  (host) => `${host}.`,
  (host) => `${host}:8443`,
  (host) => `${host}:00080`,
  (host) => `${host}:65535`,
  (host) => host.replace(/^[^.]*\./, ''),
]

const HOSTILE_HOST_CHANGES: readonly HostChange[] = [
  (host) => `evil${host}`,
  (host) => `${host}.evil.example`,
  (host) => `${host}..`,
  (host) => `.${host}`,
  (host) => `*.${host}`,
  (host) => `${host}:`,
  (host) => `${host}:65536`,
  (host) => `${host}:123456`,
  (host) => `${host}:8o`,
  (host) => `${host}:80:80`,
  (host) => `user@${host}`,
  (host) => `${host}@evil.example`,
  (host) => `u:p@${host}`,
  (host) => `a@b@${host}`,
  (host) => `${host}\\.evil.example`,
  (host) => `${host}%00`,
  (host) => `${host}\u0000`,
  (host) => `${host}\tx`,
  (host) => `${host},${host}`,
  (host) => `${host} ${host}`,
  (host) => `ü.${host}`,
  (host) => host.replace('.', '。'),
  (host) => host.replace('s', 'ſ'),
  (host) => host.replace('k', '\u212A'),
  (host) => `xn--a.${host}`,
  (host) => `_-.${host}`,
  (host) => `${'a'.repeat(63)}.${host}`,
  (host) => `${'a'.repeat(64)}.${host}`,
  (host) => `${'a.'.repeat(121)}${host}`,
  (host) => `${'a.'.repeat(121)}b${host}`,
  (host) => `${'a.'.repeat(121)}${host}.`,
  (host) => `[${host}]`,
  (host) => `${host}.0x1`,
  (host) => `${host}.0xg`,
  (host) => `${host}.1`,
  () => '[::1]',
  () => '127.0.0.1',
  () => '0x7f.1',
  () => '1',
  () => '',
  () => 'localhost',
  () => 'a',
]

const SCHEMES: readonly string[] = ['https://', 'http://', 'HTTPS://', 'hTTp://']

const HOSTILE_SCHEMES: readonly string[] = [
  'ws://',
  'capacitor://',
  'chrome-extension://',
  'https:/',
  'https:///',
  'https:\\\\',
  'http:',
  '//',
  '',
  'https://https://',
  'https ://',
]

const REFERER_ENDS: readonly string[] = [
  '/',
  '/path?q=1#f',
  '?x=@y',
  '#@z',
  '/a@b',
  '/a b',
  '/\\',
  '/ü',
  '/\u0000',
  '/\t',
  '/\u007F',
  ' ',
  '\t ',
]

const ORIGIN_ENDS: readonly string[] = [
  ' ',
  '\t',
  '/',
  '?',
  '#',
  '/x',
  ' x',
  '\n',
  '\u00A0',
  '\u007F',
  ', https://example.com',
  ' https://example.com',
]

const ODD_VALUES: readonly string[] = ['', ' ', '\t', 'null', 'NULL', 'about:blank', 'x', '*']

const ascii = remembered((host) => toASCII(host) ?? host)

const page: fc.Arbitrary<(host: string) => string> = fc
  .tuple(
    choose([14, oneOf(SCHEMES)], [1, oneOf(HOSTILE_SCHEMES)]),
    choose([8, oneOf(HOST_CHANGES)], [2, oneOf(HOSTILE_HOST_CHANGES)]),
    mostly(true),
  )
  .map(
    ([scheme, change, inALabels]) =>
      (host) =>
        scheme + change(inALabels ? ascii(host) : host),
  )

/** An `Origin`, most of them of a page on a listed domain. */
export const originField: fc.Arbitrary<PlannedField> = pageField(
  oneOf(['Origin', 'origin', 'ORIGIN', 'oRiGiN']),
  oneOf(ORIGIN_ENDS),
)

/** A `Referer`, most of them of a page on a listed domain. */
export const refererField: fc.Arbitrary<PlannedField> = pageField(
  oneOf(['Referer', 'referer', 'REFERER']),
  oneOf(REFERER_ENDS),
)

/** A `Sec-Fetch-Site` with any value. */
export const siteField: fc.Arbitrary<PlannedField> = fc
  .tuple(
    oneOf(['Sec-Fetch-Site', 'sec-fetch-site', 'SEC-FETCH-SITE']),
    oneOf(['cross-site', 'same-origin', 'none', '', '\u0000', 'ü']),
  )
  .map(
    (field): PlannedField =>
      () =>
        field,
  )

/** Fields that are no evidence of anything, their names as near to evidence as may be. */
export const idleField: fc.Arbitrary<PlannedField> = fc
  .tuple(
    oneOf([
      'User-Agent',
      'Sec-Fetch-Mode',
      'Cookie',
      'Host',
      'Sec_Fetch_Site',
      'Sec-Fetch-Site ',
      '',
      'Origin\u0000',
      ' Origin',
      'Orig\u0130n',
      'Or\u0131gin',
      'Referrer',
      'X-Origin',
      'Origin:',
      'X_Forwarded_For',
      'X-Forwarded-For ',
      'X.Forwarded.For',
      'X-Real-IP',
      'Forwarded',
      'Sec-Fetch-S\u0131te',
      '\u017Fec-Fetch-Site',
      '__proto__',
      'constructor',
      'X-Forwarded-Fo',
    ]),
    page,
  )
  .map(
    ([name, write]): PlannedField =>
      (host) => [name, write(host)],
  )

function pageField(
  names: fc.Arbitrary<string>,
  ends: fc.Arbitrary<string>,
): fc.Arbitrary<PlannedField> {
  const values = choose<(host: string) => string>(
    [
      19,
      fc.tuple(page, choose([6, fc.constant('')], [1, ends])).map(
        ([write, end]) =>
          (host) =>
            write(host) + end,
      ),
    ],
    [1, oneOf(ODD_VALUES).map((value) => () => value)],
  )
  return fc.tuple(names, values).map(
    ([name, write]): PlannedField =>
      (host) => [name, write(host)],
  )
}
