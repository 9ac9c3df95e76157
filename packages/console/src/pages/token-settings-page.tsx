import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { tokenQuery } from '../api/queries.ts'
import { Panel } from '../notice/panel.tsx'
import { useMayWrite } from '../session/use-session.ts'
import { ExpiryCard } from '../settings/expiry-card.tsx'
import { RenameCard } from '../settings/rename-card.tsx'
import { RotateCard } from '../settings/rotate-card.tsx'
import { DeleteCard, RevokeCard, StatusCard } from '../settings/end-cards.tsx'

const route = getRouteApi('/signed-in/tokens/$id/settings')

/** What can be done with a token besides its lists. */
export function TokenSettingsPage(): ReactElement | null {
  const { id } = route.useParams()
  const { data } = useQuery(tokenQuery(id))
  const mayWrite = useMayWrite()
  if (data === undefined) return null
  if (!mayWrite)
    return <Panel tone="quiet">Your account may only look. Ask an administrator.</Panel>
  const isRevoked = data.token.status === 'revoked'
  return (
    <div className="stack settings-page">
      {isRevoked && (
        <Panel tone="quiet">The token is revoked for good. It can only be deleted.</Panel>
      )}
      {!isRevoked && (
        <>
          <RenameCard stored={data} />
          <ExpiryCard stored={data} />
          <RotateCard stored={data} />
          <StatusCard stored={data} />
          <RevokeCard stored={data} />
        </>
      )}
      <DeleteCard stored={data} />
    </div>
  )
}
