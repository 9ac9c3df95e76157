import type { TokenStateAnswer, TokenStateLine } from '../case.ts'

/** `valid`, or the first of the reasons for a 401 that a known token can give (spec §6). */
export function referenceTokenState({ token, now }: TokenStateLine): TokenStateAnswer {
  // "revoked, disabled, rotated out, expired or not yet valid (in this order)"
  if (token.status === 'revoked') return 'token_revoked'
  if (token.status === 'disabled') return 'token_disabled'
  if (token.rotatedOut) return 'token_rotated'
  // "It is valid while notBefore ≤ now < expiresAt."
  if (token.expiresAt !== undefined && now >= token.expiresAt) return 'token_expired'
  if (token.notBefore !== undefined && now < token.notBefore) return 'token_not_yet_valid'
  return 'valid'
}
