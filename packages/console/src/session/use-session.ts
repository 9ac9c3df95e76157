import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/queries.ts'
import type { Administrator, Capability, Portal, Session } from '../api/session.ts'

/** Who is signed in; `undefined` until that is known. */
export function useAdministrator(): Administrator | undefined {
  const { data } = useQuery(sessionQuery)
  return data?.signedIn === true && 'administrator' in data ? data.administrator : undefined
}

/** Whether the person may change anything; a viewer only looks. */
export function useMayWrite(): boolean {
  return useAdministrator()?.role !== 'viewer'
}

/** The owner's portal that these pages are; `undefined`: they are an administrator's console. */
export function usePortal(): Portal | undefined {
  const { data } = useQuery(sessionQuery)
  return data?.signedIn === true && 'portal' in data ? data.portal : undefined
}

/** Whether the person may do this: an owner by their link, an administrator by their role. */
export function useMay(capability: Capability): boolean {
  const { data } = useQuery(sessionQuery)
  return may(data, capability)
}

/** As {@link useMay}, of a session that was read; before that, as if an administrator looked. */
export function may(session: Session | undefined, capability: Capability): boolean {
  if (session?.signedIn !== true) return true
  if ('portal' in session) return session.portal.capabilities.includes(capability)
  return capability === 'activity' || session.administrator.role !== 'viewer'
}
