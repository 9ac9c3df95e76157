import { newAdministratorId } from '../identifier/identifier.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import type { Role, StoredAdministrator } from './administrator.ts'
import { noteAdministrator } from './sign-in.ts'

/** Makes an administrator who has no password yet. @returns `undefined` where the name is taken */
export async function createAdministrator(
  transaction: StoreTransaction,
  { name, role }: { readonly name: string; readonly role: Role },
  context: ChangeContext,
): Promise<StoredAdministrator | undefined> {
  if ((await transaction.administrators.findByName(name)) !== undefined) return undefined
  const created: StoredAdministrator = {
    id: newAdministratorId(context.now, context.random),
    name,
    role,
    passwordHash: undefined,
    createdAt: context.now,
  }
  await transaction.administrators.insert(created)
  await noteAdministrator(transaction, created, { context, action: 'administrator.create' })
  return created
}

/** Changes the role. @returns `undefined` where nobody could change anything then */
export async function changeRole(
  transaction: StoreTransaction,
  administrator: StoredAdministrator,
  { role, context }: { readonly role: Role; readonly context: ChangeContext },
): Promise<StoredAdministrator | undefined> {
  if (role === administrator.role) return administrator
  if (await isLastAdmin(transaction, administrator)) return undefined
  const changed = { ...administrator, role }
  await transaction.administrators.update(administrator.id, { role })
  await noteAdministrator(transaction, changed, { context, action: 'administrator.change' })
  return changed
}

/** Removes an administrator with their sessions and links, and those that they granted to owners. @returns false for the last who may change */
export async function removeAdministrator(
  transaction: StoreTransaction,
  administrator: StoredAdministrator,
  context: ChangeContext,
): Promise<boolean> {
  if (await isLastAdmin(transaction, administrator)) return false
  await transaction.administrators.remove(administrator.id)
  await transaction.sessions.removeAllOf(administrator.id)
  await transaction.links.removeAllOf(administrator.id)
  await transaction.portal.removeAllBy(administrator.id)
  await noteAdministrator(transaction, administrator, { context, action: 'administrator.remove' })
  return true
}

/** Who has never chosen a password cannot be relied on to do so. */
async function isLastAdmin(
  { administrators }: StoreTransaction,
  { id, role, passwordHash }: StoredAdministrator,
): Promise<boolean> {
  if (role !== 'admin' || passwordHash === undefined) return false
  const all = await administrators.list()
  return !all.some(
    (other) => other.id !== id && other.role === 'admin' && other.passwordHash !== undefined,
  )
}
