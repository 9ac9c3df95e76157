import type { EpochMs } from '@keyfence/core'
import type { Token } from './token.ts'

/** Why a token is not changed as asked; then nothing was written. */
export type ChangeProblem =
  /** Revocation is final (spec §6). */
  | 'token_revoked'
  /** It would end before it begins. */
  | 'never_valid'

/** The refusal of every change of a revoked token, but to delete it. */
export function refuseRevoked(
  token: Pick<Token, 'status'>,
): { readonly ok: false; readonly problem: ChangeProblem } | undefined {
  return token.status === 'revoked' ? { ok: false, problem: 'token_revoked' } : undefined
}

/** Whether there is a moment at which such a token is valid: notBefore ≤ now < expiresAt. */
export function isEverValid(life: {
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
}): boolean {
  const { notBefore, expiresAt } = life
  return notBefore === undefined || expiresAt === undefined || notBefore < expiresAt
}
