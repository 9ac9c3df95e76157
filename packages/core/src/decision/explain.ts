import type { Restrictions } from '../restriction/restrictions.ts'
import type { AllowReason, RefusalReason } from './reason.ts'

/** What was found in a request, as text, for its explanation. */
export interface ExplainedFacts {
  readonly domain: string | undefined
  readonly address: string | undefined
  readonly restrictions: Restrictions
}

/** One sentence for the token's owner: what happened, and what to do. Never shown to the caller. */
export function explainReason(reason: AllowReason | RefusalReason, facts: ExplainedFacts): string {
  if (reason === 'domain_not_listed') return domainNotListed(facts)
  if (reason === 'ip_not_listed') return ipNotListed(facts)
  return SENTENCES[reason]
}

const SENTENCES: Record<
  Exclude<AllowReason | RefusalReason, 'domain_not_listed' | 'ip_not_listed'>,
  string
> = {
  unrestricted: 'Both lists are off: this token works from anywhere.',
  domain_listed: 'The domain is listed.',
  ip_listed: 'The address is listed.',
  server_not_allowed:
    'Only the domain list is on, so server requests do not work. Turn on the IP list and add the address, or use another token on servers.',
  browser_not_allowed:
    'Only the IP list is on, so browser requests do not work. Turn on the domain list and add the domain, or use another token in browsers.',
  domain_list_empty: 'The domain list is on and empty: add a domain, or turn the list off.',
  ip_list_empty: 'The IP list is on and empty: add an address, or turn the list off.',
  domain_missing:
    'A browser sent neither Origin nor Referer. Give the page the referrer policy strict-origin-when-cross-origin.',
  domain_unreadable:
    'The Origin or Referer names no domain (null, an IP address, a file, an extension, or more than one). Call from a page on a listed domain.',
  ip_unreadable:
    'The address of the caller cannot be told. Check the trusted proxies, and that they write X-Forwarded-For.',
  token_missing:
    'No token was sent. Send it as "Authorization: Bearer <token>" or "X-API-Key: <token>".',
  token_malformed: 'What was sent is no whole token. Copy it again, without blanks or line breaks.',
  token_ambiguous:
    'More than one token was sent. Send one, or narrow the setting tokenFields if another field is for the API itself.',
  token_unknown: 'No such token. Copy it again, or issue a new one.',
  token_revoked: 'The token was revoked, which is final. Issue a new one.',
  token_disabled: 'The token is disabled. Enable it to use it again.',
  token_rotated: 'This secret was rotated out. Use the newer one.',
  token_expired: 'The token has expired. Extend it, or issue a new one.',
  token_not_yet_valid: 'The token is not valid yet. Wait, or change its notBefore.',
  store_unavailable: 'The tokens cannot be read, or the copy of them is too old. Check the store.',
  record_unreadable:
    "The token's record is damaged. Save its restrictions again, or issue a new token.",
  check_caller_not_trusted: 'The caller may not use the check endpoint. Add it to checkCallers.',
}

function domainNotListed({ domain, restrictions }: ExplainedFacts): string {
  if (domain === undefined) return 'The domain is not listed. Add it under Domains.'
  const parent = restrictions.domains.entries.find(({ value }) => domain.endsWith(`.${value}`))
  if (parent !== undefined) {
    return `${domain} is not listed, though ${parent.value} is. Add it, or let ${parent.value} cover its subdomains.`
  }
  const covered = restrictions.domains.entries.find(({ value }) => value === `*.${domain}`)
  if (covered !== undefined) {
    return `${domain} is not listed: ${covered.value} covers what is below it alone. Add ${domain}.`
  }
  return `${domain} is not listed. Add it under Domains.`
}

function ipNotListed({ address, restrictions }: ExplainedFacts): string {
  const listsIpv6 = restrictions.ips.entries.some(({ value }) => value.includes(':'))
  if (address?.includes(':') && !listsIpv6) {
    return `${address} is not listed: the server called over IPv6 and only IPv4 addresses are. Add it, or call over IPv4.`
  }
  return `${address ?? 'The address'} is not listed. Add it under IP addresses.`
}
