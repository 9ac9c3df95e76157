import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { RestrictionsEditor } from '../access/restrictions-editor.tsx'
import { tokenQuery } from '../api/queries.ts'

const route = getRouteApi('/signed-in/tokens/$id/access')

/** Where a token may be used. */
export function AccessPage(): ReactElement | null {
  const { id } = route.useParams()
  const { data } = useQuery(tokenQuery(id))
  // The page around shows what there is while there is no token.
  return data === undefined ? null : <RestrictionsEditor stored={data} />
}
