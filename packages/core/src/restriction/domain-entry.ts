import { parseIpAddress } from '../address/ip-address.ts'
import { type Domain, parseDomain } from '../domain/domain.ts'
import { hostToAscii } from '../domain/to-ascii.ts'
import type { Parsed } from '../parsed.ts'
import { isPort } from '../request/authority.ts'
import {
  type CheckedEntry,
  type EntryAge,
  type EntryCode,
  type EntryProblem,
  type EntrySettings,
  type EntryWarning,
  readEntryText,
} from './entry-problem.ts'
import { hasPublicSuffixBelow, isPublicSuffix } from './public-suffix.ts'

const SAMPLE = 'example.com'

/** How a domain entry is meant. */
export interface DomainEntryUse {
  readonly settings: EntrySettings
  readonly age: EntryAge
  /** The entry stands for the domain and everything below it, and is judged as both. */
  readonly subdomains: boolean
}

/**
 * Checks and normalises a domain entry as a person would paste it (spec §5): scheme, port, path,
 * query and fragment dropped, the host in A-labels, one leading `*.` kept. `input` may be anything.
 */
export function checkDomainEntry(
  input: unknown,
  use: DomainEntryUse,
): Parsed<CheckedEntry, EntryProblem> {
  const text = readEntryText(input, SAMPLE)
  if (!text.ok) return text
  const host = writtenHost(text.value)
  if (!host.ok) return host
  const isWildcard = host.value.startsWith('*.')
  const bare = isWildcard ? host.value.slice(2) : host.value
  if (bare.includes('*') || (isWildcard && use.subdomains)) return refuse('domain_wildcard')
  const domain = domainOfHost(bare)
  if (!domain.ok) return domain
  const problem = refuseReach(domain.value, isWildcard, use)
  if (problem !== undefined) return { ok: false, problem }
  return {
    ok: true,
    value: {
      value: isWildcard ? `*.${domain.value}` : domain.value,
      warnings: warningsFor(bare, domain.value),
    },
  }
}

/** What stands for the host in the text: between the scheme, and the port, path, query or fragment. */
function writtenHost(text: string): Parsed<string, EntryProblem> {
  const rest = text.replace(WEB_SCHEME, '')
  const authority = rest.slice(0, authorityLength(rest))
  const isBare = rest === text
  if (isBracketedIpv6(authority) || (isBare && isIpv6(authority))) return refuse('domain_is_ip')
  if (text.includes('\\')) return refuse('domain_syntax')
  if (authority.includes('@')) return refuse('domain_user_info')
  const colon = authority.indexOf(':')
  const host = colon === -1 ? authority : authority.slice(0, colon)
  if (colon !== -1 && !isPort(authority.slice(colon + 1))) {
    const isOtherScheme = isBare && SCHEME.test(host) && !DIGITS.test(authority.slice(colon + 1))
    return refuse(isOtherScheme ? 'domain_scheme' : 'domain_syntax')
  }
  return HOST_NEVER_HOLDS.test(host) ? refuse('domain_syntax') : { ok: true, value: host }
}

const WEB_SCHEME = /^(?:https?|wss?):\/\//i
const SCHEME = /^[a-z][a-z0-9+.-]*$/i
const DIGITS = /^[0-9]+$/
const HOST_NEVER_HOLDS = /[%\u0000-\u001f\u007f-\u009f]/

function authorityLength(rest: string): number {
  const end = rest.search(/[/?#]/)
  return end === -1 ? rest.length : end
}

function isIpv6(text: string): boolean {
  return text.includes(':') && parseIpAddress(text) !== undefined
}

/** With or without a port, as in a URL. */
function isBracketedIpv6(text: string): boolean {
  const [, inside = '', port = '0'] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? []
  return isIpv6(inside) && isPort(port)
}

function domainOfHost(host: string): Parsed<Domain, EntryProblem> {
  if (host.length > WRITTEN_HOST_LENGTH_MAX) return refuse('domain_too_long')
  const ascii = hostToAscii(host)
  if (ascii === undefined) return refuse('domain_syntax')
  if (parseIpAddress(ascii) !== undefined) return refuse('domain_is_ip')
  const domain = parseDomain(ascii)
  if (domain !== undefined) return { ok: true, value: domain }
  return refuse(isTooLong(ascii) ? 'domain_too_long' : 'domain_syntax')
}

/** No name needs more, and putting combining marks in order takes quadratic time: 64 KiB took 2 s. */
const WRITTEN_HOST_LENGTH_MAX = 2048

/** Of a host that would be one if it were shorter. */
function isTooLong(host: string): boolean {
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  if (/(^|\.)0x[^.]*$/.test(name)) return false
  return name.length > 253 || name.split('.').some((label) => label.length > 63)
}

/** Refuses what other people's pages would match as well. */
function refuseReach(
  domain: Domain,
  isWildcard: boolean,
  use: DomainEntryUse,
): EntryProblem | undefined {
  const coversBelow = isWildcard || use.subdomains
  if (domain === 'localhost' && !coversBelow) return undefined
  if (!domain.includes('.') && !isWildcard && domain !== 'localhost') {
    return PROBLEMS.domain_single_label
  }
  if (use.age === 'stored') return undefined
  if (isPublicSuffix(domain)) return publicSuffix(domain)
  return coversBelow && hasPublicSuffixBelow(domain) ? suffixesBelow(domain) : undefined
}

function publicSuffix(domain: Domain): EntryProblem {
  return {
    code: 'domain_public_suffix',
    message: `Anybody can have a name below ${domain}. Enter your own, like my-site.${domain}.`,
  }
}

function suffixesBelow(domain: Domain): EntryProblem {
  return {
    code: 'domain_public_suffix',
    message: `Other people's sites lie below ${domain}. Enter the full name of your own site.`,
  }
}

function refuse(code: keyof typeof PROBLEMS): { ok: false; problem: EntryProblem } {
  return { ok: false, problem: PROBLEMS[code] }
}

const SYNTAX: EntryProblem = {
  code: 'domain_syntax',
  message: `This is not a domain name. Enter one like ${SAMPLE}, or paste the address of a page.`,
}

const PROBLEMS = {
  domain_syntax: SYNTAX,
  domain_is_ip: {
    code: 'domain_is_ip',
    message:
      'This is an IP address. Enter it under IP addresses, or enter the domain of your site.',
  },
  domain_scheme: {
    code: 'domain_scheme',
    message: `Only web pages have a domain. Enter ${SAMPLE}, or an address that begins with https://.`,
  },
  domain_user_info: {
    code: 'domain_user_info',
    message: `Enter the domain without a name or password before it: what follows the @.`,
  },
  domain_single_label: {
    code: 'domain_single_label',
    message: `A domain has at least two parts, like ${SAMPLE}. Of single names only localhost is one.`,
  },
  domain_wildcard: {
    code: 'domain_wildcard',
    message: `The only wildcard is one "*." in front, like *.${SAMPLE}; "subdomains" covers the domain itself too.`,
  },
  domain_too_long: {
    code: 'domain_too_long',
    message: 'A domain has at most 253 characters, and 63 between two dots. Enter the real name.',
  },
} as const satisfies Partial<Record<EntryCode, EntryProblem>>

/** @param written the host as entered, which shows the script of its letters. */
function warningsFor(written: string, domain: Domain): EntryWarning[] {
  if (domain === 'localhost' || domain.endsWith('.localhost')) {
    return [{ code: 'domain_localhost', message: 'Every computer has its own localhost.' }]
  }
  if (!isLookalike(written)) return []
  const message = `This name is ${domain} and may look like another. Compare it with your site's address.`
  return [{ code: 'domain_lookalike', message }]
}

/** Letters that look like Latin ones under a Latin top-level name, or an A-label that hides them. */
function isLookalike(written: string): boolean {
  return /xn--/i.test(written) || (LATIN_TWINS.test(written) && /[.][a-z]+[.]?$/i.test(written))
}

const LATIN_TWINS = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u
