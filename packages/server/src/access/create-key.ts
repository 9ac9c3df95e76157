import { MANAGEMENT_KEY_PREFIX, type TokenText, tokenHint } from '@keyfence/core'
import { newAuditId, newKeyId } from '../identifier/identifier.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import { newSecret } from '../token/issue-token.ts'
import { hashToken } from '../token/token.ts'
import type { ManagementKey } from './management-key.ts'

/** A management key with the secret that is shown this once. */
export interface IssuedKey {
  readonly key: ManagementKey
  readonly secret: TokenText
}

/** Creates a management key. The caller has made sure that its maker may grant these scopes. */
export async function createKey(
  transaction: StoreTransaction,
  draft: Pick<ManagementKey, 'name' | 'scopes' | 'owner'>,
  context: ChangeContext,
): Promise<IssuedKey> {
  const secret = newSecret(MANAGEMENT_KEY_PREFIX, context.random)
  const key: ManagementKey = {
    ...draft,
    id: newKeyId(context.now, context.random),
    hint: tokenHint(secret, MANAGEMENT_KEY_PREFIX),
    createdAt: context.now,
    revokedAt: undefined,
  }
  await transaction.keys.insert(key, hashToken(secret))
  await noteKeyChange(transaction, key, { context, action: 'key.create' })
  return { key, secret }
}

/** Revokes a management key for good, with the portal sessions that it granted; where it is revoked already nothing is written. */
export async function revokeKey(
  transaction: StoreTransaction,
  key: ManagementKey,
  context: ChangeContext,
): Promise<ManagementKey> {
  if (key.revokedAt !== undefined) return key
  await transaction.keys.revoke(key.id, context.now)
  await transaction.portal.removeAllBy(key.id)
  await noteKeyChange(transaction, key, { context, action: 'key.revoke' })
  return { ...key, revokedAt: context.now }
}

async function noteKeyChange(
  transaction: StoreTransaction,
  key: ManagementKey,
  { context, action }: { context: ChangeContext; action: 'key.create' | 'key.revoke' },
): Promise<void> {
  await transaction.audit.append({
    id: newAuditId(context.now, context.random),
    createdAt: context.now,
    actor: context.actor,
    action,
    target: key.id,
    // Keys are the provider's business: an owner who reads the log is not told of them.
    owner: undefined,
    details: { name: key.name, scopes: key.scopes, boundTo: key.owner ?? null },
  })
}
