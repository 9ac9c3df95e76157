import { newAdministratorId, type RandomBytes } from '../identifier/identifier.ts'
import { makeLink } from '../access/use-link.ts'
import { CAPABILITIES } from '../access/portal-session.ts'
import { makePortalLink } from '../access/use-portal-link.ts'
import type { Store } from '../store/store.ts'

/**
 * Makes the administrator of the demo, who has no password: the one way in is this link, once.
 * @returns what follows the # of the link
 */
export function makeDemoLink(
  store: Store,
  { now, random }: { readonly now: number; readonly random: RandomBytes },
): Promise<string> {
  const administrator = {
    id: newAdministratorId(now, random),
    name: 'demo',
    role: 'admin',
    passwordHash: undefined,
    createdAt: now,
  } as const
  return store.transact(async (transaction) => {
    await transaction.administrators.insert(administrator)
    const link = { administratorId: administrator.id, kind: 'sign_in' } as const
    return (await makeLink(transaction, link, { now, random })).secret
  })
}

/** Makes a link to the portal of the demo's customer. @returns what follows the # of the link */
export function makeDemoPortalLink(
  store: Store,
  world: { readonly now: number; readonly random: RandomBytes },
): Promise<string> {
  return store.transact(async (transaction) => {
    const granted = { owner: 'demo', capabilities: CAPABILITIES, returnUrl: undefined } as const
    return (await makePortalLink(transaction, granted, { actor: 'operator', ...world })).secret
  })
}
