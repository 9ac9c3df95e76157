import type { EpochMs } from '@keyfence/core'
import type { AuditAction } from '../audit/audit-log.ts'
import { newAuditId, type RandomBytes } from '../identifier/identifier.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { Token } from './token.ts'

/** Who changes something, when, and with what randomness. */
export interface ChangeContext {
  /** `operator`, `environment`, or a management key's id. */
  readonly actor: string
  readonly now: EpochMs
  readonly random: RandomBytes
}

/** What the audit log and the feed are told of a change of one token. */
export interface ChangeNote {
  readonly action: AuditAction
  readonly details: Readonly<Record<string, unknown>>
}

/** Saves a changed token as its next version, with its audit entry and its change in the feed. */
export async function saveChangedToken(
  transaction: StoreTransaction,
  changed: Token,
  { context, note }: { readonly context: ChangeContext; readonly note: ChangeNote },
): Promise<Token> {
  const token = { ...changed, version: changed.version + 1 }
  await transaction.tokens.update(token)
  await noteTokenChange(transaction, token, { context, note })
  return token
}

/** The audit entry and the change in the feed, for a token that is written already. */
export async function noteTokenChange(
  transaction: StoreTransaction,
  token: Pick<Token, 'id' | 'owner'>,
  { context, note }: { readonly context: ChangeContext; readonly note: ChangeNote },
): Promise<void> {
  await transaction.tokens.recordChange(token, context.now)
  await transaction.audit.append({
    id: newAuditId(context.now, context.random),
    createdAt: context.now,
    actor: context.actor,
    action: note.action,
    target: token.id,
    owner: token.owner,
    details: note.details,
  })
}
