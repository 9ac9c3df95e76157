import { newAuditId } from '../identifier/identifier.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import type { AuditAction } from '../audit/audit-log.ts'
import type { Administrator } from './administrator.ts'
import { isPassword } from './password.ts'
import { newSessionSecret, type SessionLife, type SessionSecret } from './session.ts'

/** A new session with the secret that the browser gets. */
export interface SignedIn {
  readonly administrator: Administrator
  readonly secret: SessionSecret
}

/**
 * Who has this name and password. A name that nobody has takes as long as a wrong password, and is
 * told the same.
 */
export async function administratorOf(
  store: Pick<Store, 'administrators'>,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<Administrator | undefined> {
  const found = await store.administrators.findByName(name)
  return (await isPassword(password, found?.passwordHash)) ? found : undefined
}

/** Begins a session, and forgets those that are over. */
export async function beginSession(
  transaction: StoreTransaction,
  administrator: Administrator,
  { context, life }: { readonly context: ChangeContext; readonly life: SessionLife },
): Promise<SignedIn> {
  const { now, random } = context
  const { secret, hash } = newSessionSecret(random)
  const { sessions } = transaction
  await sessions.forget({ createdAt: now - life.totalMs, seenAt: now - life.idleMs })
  await sessions.insert({ hash, administratorId: administrator.id, createdAt: now, seenAt: now })
  await noteAdministrator(transaction, administrator, { context, action: 'administrator.sign_in' })
  return { administrator, secret }
}

/** Writes into the audit log what was done to an administrator, or by them. */
export async function noteAdministrator(
  { audit }: StoreTransaction,
  { id, name, role }: Administrator,
  { context, action }: { readonly context: ChangeContext; readonly action: AuditAction },
): Promise<void> {
  await audit.append({
    id: newAuditId(context.now, context.random),
    createdAt: context.now,
    actor: context.actor,
    action,
    target: id,
    // Administrators are the provider's business: an owner who reads the log is not told of them.
    owner: undefined,
    details: { name, role },
  })
}
