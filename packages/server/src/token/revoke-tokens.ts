import type { AuditEntry } from '../audit/audit-log.ts'
import { newAuditId, type TokenId } from '../identifier/identifier.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from './change-context.ts'
import type { TokenState } from './token-store.ts'

/** What became of tokens that were revoked together. */
export interface RevokedTokens {
  readonly revoked: number
  /** They were so before; nothing was written of them. */
  readonly alreadyRevoked: number
}

/** Between them requests are decided: of 10,000 at once, what is to be written takes 0.2 s to make. */
const TOKENS_AT_ONCE = 1000

/**
 * Revokes tokens that are there, each with its audit entry, so that the feed has all of them or none. One
 * that is revoked already is no mistake: the same call may come twice.
 */
export async function revokeTokens(
  transaction: StoreTransaction,
  states: ReadonlyMap<TokenId, TokenState>,
  context: ChangeContext,
): Promise<RevokedTokens> {
  const live = [...states].filter(([, { status }]) => status !== 'revoked')
  for (let at = 0; at < live.length; at += TOKENS_AT_ONCE) {
    const some = live.slice(at, at + TOKENS_AT_ONCE)
    const tokens = some.map(([id, { owner }]) => ({ id, owner }))
    await transaction.tokens.revokeAll(tokens, context.now)
    await transaction.audit.appendAll(some.map(([id, state]) => entryOf(id, state, context)))
  }
  return { revoked: live.length, alreadyRevoked: states.size - live.length }
}

function entryOf(
  target: TokenId,
  { owner, status }: TokenState,
  { now, random, actor }: ChangeContext,
): AuditEntry {
  return {
    id: newAuditId(now, random),
    createdAt: now,
    actor,
    action: 'token.revoke',
    target,
    owner,
    details: { from: status },
  }
}
