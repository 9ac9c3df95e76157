/** Why a request is allowed (spec §11). */
export const ALLOW_REASONS = ['unrestricted', 'domain_listed', 'ip_listed'] as const

/** Why the rule refuses a request, in the order of precedence: 403. */
export const DENY_REASONS = [
  'server_not_allowed',
  'browser_not_allowed',
  'domain_list_empty',
  'ip_list_empty',
  'domain_missing',
  'domain_unreadable',
  'ip_unreadable',
  'domain_not_listed',
  'ip_not_listed',
] as const

/** Why a token does not count, in the order of precedence: 401. */
export const TOKEN_REASONS = [
  'token_missing',
  'token_malformed',
  'token_ambiguous',
  'token_unknown',
  'token_revoked',
  'token_disabled',
  'token_rotated',
  'token_expired',
  'token_not_yet_valid',
] as const

/** Why nothing can be decided: 503. */
export const UNAVAILABLE_REASONS = ['store_unavailable', 'record_unreadable'] as const

/** Why a caller may not use the check endpoint: 403. */
export const CALLER_REASONS = ['check_caller_not_trusted'] as const

export type AllowReason = (typeof ALLOW_REASONS)[number]
export type DenyReason = (typeof DENY_REASONS)[number]
export type TokenReason = (typeof TOKEN_REASONS)[number]
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number]
export type CallerReason = (typeof CALLER_REASONS)[number]

/** Why a request is refused, by whatever part of Keyfence. */
export type RefusalReason = DenyReason | TokenReason | UnavailableReason | CallerReason
