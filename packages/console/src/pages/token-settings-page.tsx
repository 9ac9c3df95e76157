import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { tokenQuery } from '../api/queries.ts'
import { Panel } from '../notice/panel.tsx'
import { usePortal } from '../session/use-session.ts'
import { useMaySet } from '../settings/use-may-set.ts'
import { ExpiryCard } from '../settings/expiry-card.tsx'
import { RenameCard } from '../settings/rename-card.tsx'
import { RotateCard } from '../settings/rotate-card.tsx'
import { DeleteCard, RevokeCard, StatusCard } from '../settings/end-cards.tsx'

const route = getRouteApi('/signed-in/tokens/$id/settings')

/** What can be done with a token besides its lists. */
export function TokenSettingsPage(): ReactElement | null {
  const { id } = route.useParams()
  const { data } = useQuery(tokenQuery(id))
  const may = useMaySet()
  const portal = usePortal()
  if (data === undefined) return null
  if (!may.any) {
    const whom = portal === undefined ? 'Your account' : 'This link'
    return <Panel tone="quiet">{whom} may only look. Ask who gave it to you for more.</Panel>
  }
  const isRevoked = data.token.status === 'revoked'
  return (
    <div className="stack settings-page">
      {isRevoked && (
        <Panel tone="quiet">
          The token is revoked for good.{may.delete && ' It can only be deleted.'}
        </Panel>
      )}
      {!isRevoked && (
        <>
          {may.settings && <RenameCard stored={data} />}
          {may.settings && <ExpiryCard stored={data} />}
          {may.rotate && <RotateCard stored={data} />}
          {may.disable && <StatusCard stored={data} />}
          {may.revoke && <RevokeCard stored={data} />}
        </>
      )}
      {may.delete && <DeleteCard stored={data} />}
    </div>
  )
}
