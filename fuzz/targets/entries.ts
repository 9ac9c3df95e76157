import {
  checkDomainEntry,
  checkIpEntry,
  type CompiledRestrictions,
  compileRestrictions,
  decide,
  type EntrySettings,
  formatIpAddress,
  type IpAddress,
  parseDomain,
  parseIpAddress,
  parseIpAddressOrRange,
  rangeContains,
  specialPurposeKind,
} from '@keyfence/core'
import { mustHold, pureTarget, words } from '../target.ts'

const STRICT: EntrySettings = { allowIpRanges: false, allowPrivateAddresses: false }
const RANGES: EntrySettings = { allowIpRanges: true, allowPrivateAddresses: false }
const INSIDE: EntrySettings = { allowIpRanges: true, allowPrivateAddresses: true }

/** What a person may paste as a domain (spec §5). */
export const domainEntry = pureTarget({
  name: 'domain-entry',
  shape: 'text',
  seeds: ['example.com', '*.example.com', 'https://www.B\u00fccher.example:443/x?y#z', 'localhost'],
  pieces: [
    ...words('example.com *. * https:// wss:// co.uk vercel.app github.io .kawasaki.jp localhost'),
    ...words(
      'internal amazonaws.com xn-- xn--bcher-kva xn--a . .. :443 : @ user@ %00 %2e \\ / ? #',
    ),
    ...words(
      '\u00fc \u00df \u0130 \u212a \u200d \u200c \u3002 \u05d0 \u0661 \u0430 0x7f 127.1 [::1]',
    ),
    '\ufeff',
    '\u00a0',
    `${'a'.repeat(63)}.`,
    'a.'.repeat(120),
  ],
  lengthMax: 600,
  run: (text) => {
    for (const subdomains of [false, true]) checkedDomain(text, subdomains)
  },
})

function checkedDomain(text: string, subdomains: boolean): void {
  const use = { settings: STRICT, age: 'new', subdomains } as const
  const checked = checkDomainEntry(text, use)
  if (!checked.ok) {
    mustHold(checked.problem.message.length > 20, 'a refusal says what to do')
    return
  }
  const { value } = checked.value
  const again = checkDomainEntry(value, use)
  mustHold(again.ok && again.value.value === value, 'what was accepted is accepted as it is')
  const isWildcard = value.startsWith('*.')
  const domain = isWildcard ? value.slice(2) : value
  mustHold(parseDomain(domain) === domain, 'it is a domain')
  mustHold(domain.includes('.') || (domain === 'localhost' && !isWildcard), 'no single label')
  const list = [{ value, subdomains, label: '' }]
  const compiled = compileRestrictions({
    domains: { enabled: true, entries: list },
    ips: { enabled: false, entries: [] },
  })
  mustHold(compiled !== undefined, 'what was accepted can be compiled')
  mustHold(admitsPage(compiled, domain) === !isWildcard, 'itself, and under a wildcard not itself')
  if (domain.length <= 240) {
    const isBelow = isWildcard || subdomains
    mustHold(admitsPage(compiled, `a.${domain}`) === isBelow, 'what is below it, if it says so')
  }
  for (const alike of [`x${domain}`, `${domain}.evil.example`, `${domain}x`, `evil-${domain}`]) {
    mustHold(!admitsPage(compiled, alike), `a look-alike is refused: ${alike}`)
  }
}

function admitsPage(compiled: CompiledRestrictions, host: string): boolean {
  const domain = parseDomain(host)
  if (domain === undefined) return false
  return decide(compiled, { kind: 'browser', domain, mayMatch: true }).effect === 'allow'
}

/** What a person may paste as an address (spec §5). */
export const ipEntry = pureTarget({
  name: 'ip-entry',
  shape: 'text',
  seeds: ['203.0.114.7', '2606:4700::1', '8.8.8.0/24', '::ffff:8.8.8.8', '10.0.0.0/8'],
  pieces: [
    ...words(
      '8.8.8.8 2606:4700:: ::ffff: :: /24 /0 /32 /128 /33 / /08 :53 [ ] %eth0 0x 010 255 256',
    ),
    ...words('192.88.99.0 64:ff9b:: 2002:: 3fff:: :0: . : 1. ffff: 240.0.0.0 5f00:: ::ffff:0:0/96'),
    ' ',
    '\ufeff',
    '\u0661',
  ],
  lengthMax: 200,
  run: (text) => {
    for (const settings of [STRICT, RANGES, INSIDE]) checkedIp(text, settings)
  },
})

function checkedIp(text: string, settings: EntrySettings): void {
  const checked = checkIpEntry(text, settings)
  if (!checked.ok) {
    mustHold(checked.problem.message.length > 20, 'a refusal says what to do')
    return
  }
  const { value } = checked.value
  const again = checkIpEntry(value, settings)
  mustHold(again.ok && again.value.value === value, 'what was accepted is accepted as it is')
  mustHold(settings.allowIpRanges || !value.includes('/'), 'no block where none are allowed')
  const parsed = parseIpAddressOrRange(value)
  mustHold(
    parsed.ok && parsed.value.prefixLength > 0,
    'it is an address or a block, not everything',
  )
  const { first } = parsed.value
  const isPublic = specialPurposeKind(first) === undefined
  mustHold(settings.allowPrivateAddresses || isPublic, 'nothing for a special purpose')
  const compiled = compileRestrictions({
    domains: { enabled: false, entries: [] },
    ips: { enabled: true, entries: [{ value, label: '' }] },
  })
  mustHold(compiled !== undefined, 'what was accepted can be compiled')
  mustHold(admits(compiled, first), 'it matches its first address')
  const before = parseIpAddress(addressBefore(formatIpAddress(first)))
  const isOutside = before !== undefined && !rangeContains(parsed.value, before)
  mustHold(!isOutside || !admits(compiled, before), 'the address before it is refused')
  mustHold(value.includes('/') || isOutside, 'one address is one address')
}

/** Another address, the last digit of this one changed. */
function addressBefore(text: string): string {
  const last = text.at(-1) ?? ''
  return text.slice(0, -1) + (last === '1' ? '2' : last === ':' ? ':1' : '1')
}

function admits(compiled: CompiledRestrictions, address: IpAddress): boolean {
  return decide(compiled, { kind: 'server', address }).effect === 'allow'
}
