import type { Parsed, TokenStatus } from '@keyfence/core'
import type { AuditAction } from '../audit/audit-log.ts'
import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, saveChangedToken } from './change-context.ts'
import { type ChangeProblem, refuseRevoked } from './change-problem.ts'
import type { Token } from './token.ts'

/**
 * Revokes, disables or enables a token; it hits both of its secrets. Where the token has the status
 * already nothing is written, so that a repeated call is no mistake. Revocation is final.
 */
export async function changeStatus(
  transaction: StoreTransaction,
  { token, status }: { readonly token: Token; readonly status: TokenStatus },
  context: ChangeContext,
): Promise<Parsed<Token, ChangeProblem>> {
  if (token.status === status) return { ok: true, value: token }
  const refused = refuseRevoked(token)
  if (refused !== undefined) return refused
  const note = { action: ACTIONS[status], details: { from: token.status } }
  const changed = { ...token, status }
  return { ok: true, value: await saveChangedToken(transaction, changed, { context, note }) }
}

const ACTIONS: Record<TokenStatus, AuditAction> = {
  revoked: 'token.revoke',
  disabled: 'token.disable',
  active: 'token.enable',
}
