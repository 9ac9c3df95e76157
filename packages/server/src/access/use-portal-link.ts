import type { EpochMs } from '@keyfence/core'
import { newAuditId, newPortalGrantId } from '../identifier/identifier.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import {
  PORTAL_LINK_MS,
  type PortalGrant,
  type PortalLink,
  type PortalSession,
} from './portal-session.ts'
import {
  hasEnded,
  newSessionSecret,
  type SecretHash,
  SEEN_INTERVAL_MS,
  type SessionLife,
  type SessionSecret,
} from './session.ts'

/** A link to the portal with its secret, which is kept nowhere. */
export interface MadePortalLink {
  readonly link: PortalLink
  readonly secret: SessionSecret
  readonly expiresAt: EpochMs
}

/** An owner who has come in, with the secret that the browser gets. */
export interface PortalEntry {
  readonly session: PortalSession
  readonly secret: SessionSecret
}

/** Makes a link to the portal. The caller has made sure that its maker may grant this. */
export async function makePortalLink(
  transaction: StoreTransaction,
  granted: Pick<PortalGrant, 'owner' | 'capabilities' | 'returnUrl'>,
  context: ChangeContext,
): Promise<MadePortalLink> {
  const { now, random, actor } = context
  const { secret, hash } = newSessionSecret(random)
  const id = newPortalGrantId(now, random)
  const link: PortalLink = { ...granted, id, grantedBy: actor, hash, createdAt: now }
  await transaction.portal.insertLink(link)
  await noteGrant(transaction, link, { context, action: 'portal.link' })
  return { link, secret, expiresAt: now + PORTAL_LINK_MS }
}

/**
 * Uses a link up and begins its session; those that are over are forgotten.
 * @param earlier the session that the browser had, which ends.
 * @returns `undefined` where the link was used, has expired, or never was: nothing tells which.
 */
export async function usePortalLink(
  transaction: StoreTransaction,
  asked: { readonly hash: SecretHash; readonly earlier: SecretHash | undefined },
  { context, life }: { readonly context: ChangeContext; readonly life: SessionLife },
): Promise<PortalEntry | undefined> {
  const { portal } = transaction
  const { now, random } = context
  const link = await portal.findLink(asked.hash)
  if (link === undefined || !(await portal.takeLink(asked.hash))) return undefined
  if (isOver(link, now)) return undefined
  const { secret, hash } = newSessionSecret(random)
  const session: PortalSession = { ...link, hash, createdAt: now, seenAt: now }
  if (asked.earlier !== undefined) await portal.removeSession(asked.earlier)
  await portal.forget({
    linkCreatedAt: now - PORTAL_LINK_MS,
    createdAt: now - life.totalMs,
    seenAt: now - life.idleMs,
  })
  await portal.insertSession(session)
  await noteGrant(transaction, session, {
    context: { ...context, actor: session.id },
    action: 'portal.open',
  })
  return { session, secret }
}

/** A clock that is set back does not bring a link to life again for longer than it had. */
function isOver({ createdAt }: PortalLink, now: EpochMs): boolean {
  return Math.abs(now - createdAt) >= PORTAL_LINK_MS
}

/**
 * The session, if it lives; that it is in use is written down once a minute.
 * @returns `undefined` where it has ended or never was
 */
export async function findPortalSession(
  store: Pick<Store, 'portal' | 'transact'>,
  hash: SecretHash,
  { now, life }: { readonly now: EpochMs; readonly life: SessionLife },
): Promise<PortalSession | undefined> {
  const session = await store.portal.findSession(hash)
  if (session === undefined || hasEnded(session, now, life)) return undefined
  if (now - session.seenAt >= SEEN_INTERVAL_MS) {
    await store.transact(({ portal }) => portal.seen(hash, now))
  }
  return session
}

async function noteGrant(
  { audit }: StoreTransaction,
  { id, owner, capabilities }: PortalGrant,
  {
    context,
    action,
  }: { readonly context: ChangeContext; readonly action: 'portal.link' | 'portal.open' },
): Promise<void> {
  await audit.append({
    id: newAuditId(context.now, context.random),
    createdAt: context.now,
    actor: context.actor,
    action,
    target: id,
    owner,
    // Not where they came from: such a URL may hold what is nobody else's business.
    details: { capabilities },
  })
}
