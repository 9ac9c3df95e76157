import * as fc from 'fast-check'
import type { Json } from '../case.ts'
import { choose, oneOf } from './choice.ts'
import { anyHost, OWN_HOSTS } from './host-names.ts'

/** An entry together with a host that it was made from. */
export interface PlannedDomain {
  readonly host: string
  readonly entry: Json
}

type Spelling = (host: string) => Json

const TIDY_SPELLINGS: readonly Spelling[] = [
  (host) => host,
  (host) => `*.${host}`,
  (host) => ({ value: host }),
  (host) => ({ value: host, subdomains: true }),
  (host) => ({ value: host, label: 'shop', subdomains: false }),
  (host) => ({ value: `*.${host}`, label: '' }),
  (host) => host.toUpperCase(),
  (host) => `https://${host}`,
  (host) => `HTTP://${host}/`,
  (host) => `wss://${host}:443/path?x=y#z`,
  (host) => `Ws://*.${host}`,
  (host) => ` ${host}\t`,
  (host) => `\u00A0\u0085\uFEFF${host}\u3000\u2028`,
  (host) => `${host}.`,
  (host) => `${host}。`,
  (host) => `${host}:8080`,
  (host) => `${host}:65535/a:b@c`,
  (host) => `${host}?@x`,
  (host) => `${host}#`,
  (host) => `${host}/..\n%00`,
]

const HOSTILE_SPELLINGS: readonly Spelling[] = [
  (host) => ({ value: `*.${host}`, subdomains: true }),
  (host) => ({ value: [host] }),
  (host) => [host],
  (host) => `http:${host}`,
  (host) => `http:/${host}`,
  (host) => `http:///${host}`,
  (host) => `//${host}`,
  (host) => `://${host}`,
  (host) => `ftp://${host}`,
  (host) => `ftp://user@${host}`,
  (host) => `capacitor://${host}`,
  (host) => `javascript:${host}`,
  (host) => `wss:${host}:80`,
  (host) => `mailto:me@${host}`,
  (host) => `http://http://${host}`,
  (host) => `user@${host}`,
  (host) => `user:secret@${host}`,
  (host) => `https://u:p@${host}/`,
  (host) => `@${host}`,
  (host) => `${host}@`,
  (host) => `${host}@evil.example/p`,
  (host) => `${host}:80@evil.example`,
  (host) => `${host}:`,
  (host) => `${host}:/`,
  (host) => `${host}:0`,
  (host) => `${host}:65536`,
  (host) => `${host}:123456`,
  (host) => `${host}:000080`,
  (host) => `${host}:8o`,
  (host) => `${host}:-1`,
  (host) => `${host}:80:80`,
  (host) => `https://${host}:8o/`,
  (host) => `https://${host}:`,
  (host) => `${host}:\u0661`,
  (host) => `${host}\\x`,
  (host) => `${host}/a\\b`,
  (host) => `\\\\${host}`,
  (host) => `https:\\\\${host}`,
  (host) => `${host}..`,
  (host) => `.${host}`,
  (host) => `*${host}`,
  (host) => `*.*.${host}`,
  (host) => `w.*.${host}`,
  (host) => `${host}.*`,
  (host) => `*。${host}`,
  (host) => `*.${host}:443`,
  (host) => `*..${host}`,
  () => '*',
  () => '*.',
  () => '.',
  () => 'https://',
  () => '',
  () => ' \uFEFF\u2003',
  () => '\u200B',
  () => '?x',
  () => ':80',
  (host) => `${host}%00`,
  (host) => `%2a.${host}`,
  (host) => `${host}\n.x`,
  (host) => `${host}\u0000`,
  (host) => `a ${host}`,
  (host) => `${host},${host}`,
  (host) => `"${host}"`,
  (host) => `[${host}]`,
  (host) => `[${host}]:80`,
  (host) => `[${host}]:99999`,
  (host) => `http://[${host}]/x`,
  (host) => `http://${host}:80/[::1]`,
  (host) => `x`.repeat(260) + host,
  (host) => `${'x.'.repeat(130)}${host}`,
]

const NOT_TEXT: readonly Json[] = [
  null,
  true,
  0,
  [],
  ['example.com'],
  { value: 5 },
  { value: null },
]

/** An entry that a list accepts by itself, unless it widens to what is below a suffix. */
export const tidyDomain: fc.Arbitrary<PlannedDomain> = planned(
  oneOf(OWN_HOSTS),
  oneOf(TIDY_SPELLINGS),
)

/** An entry of any kind, most of them refused. */
export const anyDomain: fc.Arbitrary<PlannedDomain> = choose(
  [8, planned(anyHost, oneOf(TIDY_SPELLINGS))],
  [8, planned(anyHost, oneOf(HOSTILE_SPELLINGS))],
  [1, oneOf(NOT_TEXT).map((entry) => ({ host: 'example.com', entry }))],
  [2, noise().map((text) => ({ host: text, entry: text }))],
)

/** What may be asked of `entry check`: the text of an entry, or what is no text. */
export const domainInput: fc.Arbitrary<Json> = anyDomain.map(({ entry }) => {
  const isNamed = typeof entry === 'object' && entry !== null && 'value' in entry
  return isNamed ? (entry['value'] ?? null) : entry
})

function planned(
  hosts: fc.Arbitrary<string>,
  spellings: fc.Arbitrary<Spelling>,
): fc.Arbitrary<PlannedDomain> {
  return fc.tuple(hosts, spellings).map(([host, spell]) => ({ host, entry: spell(host) }))
}

/** Characters in no order; the letters cannot make the name of a real top-level domain. */
function noise(): fc.Arbitrary<string> {
  const characters = 'xqü9-_.:/@*%[]?#\\ \u0000\u200D\u05D0\u3002\uFEFF0'.split('')
  return fc.array(oneOf(characters), { maxLength: 12 }).map((parts) => parts.join(''))
}
