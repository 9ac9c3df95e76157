import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { answerOf, api, type ManagementKey } from '../api/client.ts'
import { CONFIRMED } from '../api/confirmed.ts'
import { Badge } from '../notice/badge.tsx'
import { NamedConfirmation } from '../notice/named-confirmation.tsx'
import { notifyDone } from '../notice/notify.tsx'
import { useMayWrite } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'

/** One management key: what it may do, and its end. */
export function KeyRow({ managementKey }: { managementKey: ManagementKey }): ReactElement {
  const { name, hint, scopes, owner, createdAt, revokedAt } = managementKey
  const mayWrite = useMayWrite()
  return (
    <li className="log-entry">
      <div className="row-between">
        <span className="row-wrap">
          <strong className="wrap">{name}</strong>
          <span className="mono small dimmed">{hint}</span>
          {revokedAt !== null && <Badge tone="bad" text="revoked" />}
        </span>
        <span className="small dimmed">
          created <TimeText value={createdAt} />
        </span>
      </div>
      <div className="row-between">
        <span className="small dimmed wrap">
          {scopes.join(', ')}; {owner === null ? 'all owners' : `owner ${owner} alone`}
        </span>
        {mayWrite && revokedAt === null && <RevokeButton managementKey={managementKey} />}
      </div>
    </li>
  )
}

function RevokeButton({ managementKey }: { managementKey: ManagementKey }): ReactElement {
  const { id, name } = managementKey
  const [isAsking, setIsAsking] = useState(false)
  const queries = useQueryClient()
  const revoking = useMutation({
    ...CONFIRMED,
    mutationFn: () =>
      answerOf(api.POST('/v1/keys/{id}/revoke', { params: { path: { id } }, body: {} })),
    onSuccess: () => {
      setIsAsking(false)
      void queries.invalidateQueries({ queryKey: ['keys'] })
      notifyDone(`The key ${name} is revoked.`)
    },
  })
  const ask = (): void => {
    revoking.reset()
    setIsAsking(true)
  }
  return (
    <>
      <Button size="xs" color="red" variant="outline" aria-label={`Revoke ${name}`} onClick={ask}>
        Revoke…
      </Button>
      <NamedConfirmation
        name={name}
        title="Revoke this key?"
        text="Programs that use it are refused from now on. This cannot be undone."
        action="Revoke for good"
        opened={isAsking}
        isPending={revoking.isPending}
        error={revoking.error}
        onClose={() => setIsAsking(false)}
        onConfirm={() => revoking.mutate()}
      />
    </>
  )
}
