import type { EpochMs } from '../parsed.ts'

/** What the owner or the provider last did to a token. */
export type TokenStatus = 'active' | 'disabled' | 'revoked'

/** What decides whether a known token is valid at a moment. Absent times do not limit. */
export interface TokenLife {
  readonly status: TokenStatus
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
}

/** Why a known token is not valid, in the order of spec §6. */
export type TokenStateReason =
  | 'token_revoked'
  | 'token_disabled'
  | 'token_rotated'
  | 'token_expired'
  | 'token_not_yet_valid'

/**
 * Why the token is not valid at `now`, or `undefined` if it is: notBefore ≤ now < expiresAt.
 * @param secretEndsAt when the secret that was sent was or will be rotated out.
 */
export function tokenStateReason(
  life: TokenLife,
  secretEndsAt: EpochMs | undefined,
  now: EpochMs,
): TokenStateReason | undefined {
  if (life.status === 'revoked') return 'token_revoked'
  if (life.status === 'disabled') return 'token_disabled'
  if (secretEndsAt !== undefined && now >= secretEndsAt) return 'token_rotated'
  if (life.expiresAt !== undefined && now >= life.expiresAt) return 'token_expired'
  if (life.notBefore !== undefined && now < life.notBefore) return 'token_not_yet_valid'
  return undefined
}
