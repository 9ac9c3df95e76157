import type { EpochMs } from '@keyfence/core'
import { newAdministratorId, type AdministratorId } from '../identifier/identifier.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import type { Administrator, StoredAdministrator } from './administrator.ts'
import { newSessionSecret, type SecretHash, type SessionSecret } from './session.ts'
import { LINK_MS, type LinkKind, type SignInLink } from './sign-in-link.ts'
import { noteAdministrator } from './sign-in.ts'

/** A link that works, and for whom. */
export interface LiveLink {
  readonly link: SignInLink
  /** `undefined`: for the first administrator. */
  readonly administrator: StoredAdministrator | undefined
}

/**
 * Makes a link for an administrator, or for the first; links made for them before work no more.
 * @returns its secret, which is kept nowhere, and when it expires
 */
export async function makeLink(
  transaction: Pick<StoreTransaction, 'links'>,
  {
    administratorId,
    kind = 'choose_password',
  }: {
    readonly administratorId: AdministratorId | undefined
    readonly kind?: LinkKind
  },
  { now, random }: Pick<ChangeContext, 'now' | 'random'>,
): Promise<{ readonly secret: SessionSecret; readonly expiresAt: EpochMs }> {
  const { secret, hash } = newSessionSecret(random)
  const expiresAt = now + LINK_MS
  await transaction.links.forget(now)
  await transaction.links.removeAllOf(administratorId)
  await transaction.links.insert({ hash, kind, administratorId, expiresAt })
  return { secret, expiresAt }
}

/**
 * The link behind a secret, if it works: it has not expired, its administrator is still there, and
 * one for the first administrator finds none yet.
 */
export async function findLink(
  { links, administrators }: Pick<Store, 'links' | 'administrators'>,
  hash: SecretHash | undefined,
  now: EpochMs,
): Promise<LiveLink | undefined> {
  const link = hash === undefined ? undefined : await links.find(hash)
  if (link === undefined || link.expiresAt <= now) return undefined
  if (link.administratorId === undefined) {
    const isFirst = (await administrators.list()).length === 0
    return isFirst ? { link, administrator: undefined } : undefined
  }
  const administrator = await administrators.find(link.administratorId)
  return administrator === undefined ? undefined : { link, administrator }
}

/** Takes a link that signs in as it is. @returns whose it was, `undefined` where somebody was faster */
export async function takeLink(
  transaction: StoreTransaction,
  { link, administrator }: LiveLink,
): Promise<Administrator | undefined> {
  return (await transaction.links.take(link.hash)) ? administrator : undefined
}

/**
 * Takes the link and sets the password; sessions of before end.
 * @param name of the first administrator.
 * @returns `undefined` where somebody was faster.
 */
export async function useLink(
  transaction: StoreTransaction,
  { link }: LiveLink,
  chosen: {
    readonly name: string
    readonly passwordHash: string
    readonly context: ChangeContext
  },
): Promise<Administrator | undefined> {
  const { context, passwordHash } = chosen
  const live = await findLink(transaction, link.hash, context.now)
  if (live === undefined || !(await transaction.links.take(link.hash))) return undefined
  const { administrator } = live
  if (administrator === undefined) return createFirst(transaction, chosen)
  await transaction.administrators.update(administrator.id, { passwordHash })
  await transaction.sessions.removeAllOf(administrator.id)
  await noteAdministrator(transaction, administrator, {
    context: { ...context, actor: administrator.id },
    action: 'administrator.password',
  })
  return administrator
}

async function createFirst(
  transaction: StoreTransaction,
  {
    name,
    passwordHash,
    context,
  }: {
    readonly name: string
    readonly passwordHash: string
    readonly context: ChangeContext
  },
): Promise<Administrator> {
  const first: StoredAdministrator = {
    id: newAdministratorId(context.now, context.random),
    name,
    role: 'admin',
    passwordHash,
    createdAt: context.now,
  }
  await transaction.administrators.insert(first)
  await noteAdministrator(transaction, first, {
    context: { ...context, actor: first.id },
    action: 'administrator.create',
  })
  return first
}
