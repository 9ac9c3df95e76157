import { toASCII } from 'tr46'
import type { EntryAnswer, Json } from '../case.ts'
import { trimWhiteSpace } from './entry-text.ts'
import { readHost } from './host.ts'
import { readPastedHost } from './pasted-host.ts'
import { hasSuffixesBelow, isPublicSuffix } from './suffix-rules.ts'

/** Checks and normalises a domain entry (spec §5); `subdomains` as on the entry, else false. */
export function checkDomainEntry(input: Json, subdomains: boolean): EntryAnswer {
  if (typeof input !== 'string') return refused('not_text')
  const text = trimWhiteSpace(input)
  if (text === '') return refused('entry_empty')
  const pasted = readPastedHost(text)
  if (!pasted.ok) return pasted
  // "Refused: […] percent escapes and control characters in the host"
  if (/[%\p{Cc}]/u.test(pasted.host)) return refused('domain_syntax')
  // "One leading `*.` is the only wildcard."
  const isWildcard = pasted.host.startsWith('*.')
  const name = pasted.host.replace(/^\*\./, '')
  if (name.includes('*') || (isWildcard && subdomains)) return refused('domain_wildcard')
  const host = toAsciiHost(name)
  if (!host.ok) return host
  const code = breadthProblem(host.value, { isWildcard, subdomains })
  if (code !== null) return refused(code)
  return { ok: true, value: isWildcard ? `*.${host.value}` : host.value }
}

/** "to A-labels; then it must be a host of §3 whose punycode is valid" */
function toAsciiHost(name: string): EntryAnswer {
  const ascii = toASCII(name, {
    checkBidi: true,
    checkJoiners: true,
    checkHyphens: false,
    useSTD3ASCIIRules: false,
    transitionalProcessing: false,
  })
  if (ascii === null) return refused('domain_syntax')
  // "one trailing dot is dropped, two are not"
  const host = ascii.replace(/\.$/, '')
  if (isIpv4InAnyNotation(host)) return refused('domain_is_ip')
  // A host that could be none at any length is not said to be too long.
  if (!/^[a-z0-9_.-]*$/.test(host) || /(^|[.])(\d+|0x[^.]*)$/.test(host)) {
    return refused('domain_syntax')
  }
  if (host.length > 253 || host.split('.').some((label) => label.length > 63)) {
    return refused('domain_too_long')
  }
  // Its own trailing dot is gone already: what still ends in one had two.
  if (host.endsWith('.') || readHost(host) === null) return refused('domain_syntax')
  return { ok: true, value: host }
}

/** "single labels but for `localhost`; a public suffix, exact or under a wildcard […]" */
function breadthProblem(
  host: string,
  { isWildcard, subdomains }: { isWildcard: boolean; subdomains: boolean },
): string | null {
  // "A domain entry with `subdomains: true` is judged as the domain and as the wildcard."
  if (!isWildcard && !host.includes('.') && host !== 'localhost') return 'domain_single_label'
  if (!isWildcard && host !== 'localhost' && isPublicSuffix(host)) return 'domain_public_suffix'
  if (!isWildcard && !subdomains) return null
  return isPublicSuffix(host) || hasSuffixesBelow(host) ? 'domain_public_suffix' : null
}

/** The "ends in a number" hosts that the IPv4 parser of the URL standard takes. */
function isIpv4InAnyNotation(host: string): boolean {
  const parts = host.split('.')
  const numbers = parts.map((part) => {
    if (/^0x[0-9a-f]*$/.test(part)) return Number.parseInt(`0${part.slice(2)}`, 16)
    if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8)
    return /^(0|[1-9]\d*)$/.test(part) ? Number(part) : Number.NaN
  })
  const last = numbers.pop() ?? Number.NaN
  return (
    parts.length <= 4 &&
    numbers.every((number) => number <= 255) &&
    last < 256 ** (4 - numbers.length)
  )
}

function refused(code: string): { readonly ok: false; readonly code: string } {
  return { ok: false, code }
}
