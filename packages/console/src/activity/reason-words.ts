import type { Refusal } from '../api/client.ts'

/** Why calls came out as they did, in a few words for a row or a legend. */
export const REASON_WORDS: Readonly<Record<Refusal['reason'] | AllowReason, string>> = {
  unrestricted: 'Both lists are off',
  domain_listed: 'The domain is listed',
  ip_listed: 'The address is listed',
  server_not_allowed: 'Server request, and only the domain list is on',
  browser_not_allowed: 'Browser request, and only the IP list is on',
  domain_list_empty: 'The domain list is on and empty',
  ip_list_empty: 'The IP list is on and empty',
  domain_missing: 'Browser request without Origin or Referer',
  domain_unreadable: 'Origin or Referer names no domain',
  ip_unreadable: 'The caller’s address cannot be told',
  domain_not_listed: 'The domain is not listed',
  ip_not_listed: 'The address is not listed',
  token_missing: 'No token was sent',
  token_malformed: 'Not a whole token',
  token_ambiguous: 'More than one token',
  token_unknown: 'No such token',
  token_revoked: 'The token is revoked',
  token_disabled: 'The token is disabled',
  token_rotated: 'The secret was rotated out',
  token_expired: 'The token has expired',
  token_not_yet_valid: 'The token is not valid yet',
  store_unavailable: 'The tokens could not be read',
  record_unreadable: 'The token’s record is damaged',
  check_caller_not_trusted: 'Asked by a proxy that is not trusted',
}

type AllowReason = 'unrestricted' | 'domain_listed' | 'ip_listed'
