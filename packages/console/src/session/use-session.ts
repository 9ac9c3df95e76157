import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/queries.ts'
import type { Administrator } from '../api/session.ts'

/** Who is signed in; `undefined` until that is known. */
export function useAdministrator(): Administrator | undefined {
  const { data } = useQuery(sessionQuery)
  return data?.signedIn === true ? data.administrator : undefined
}

/** Whether the person may change anything; a viewer only looks. */
export function useMayWrite(): boolean {
  return useAdministrator()?.role !== 'viewer'
}
