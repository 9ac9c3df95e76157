import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { type Administrator, answerOf, api } from '../api/client.ts'
import { CONFIRMED, unlessGone } from '../api/confirmed.ts'
import { Badge } from '../notice/badge.tsx'
import { NamedConfirmation } from '../notice/named-confirmation.tsx'
import { notifyDone, notifyProblem } from '../notice/notify.tsx'
import { useAdministrator, useMayWrite } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'
import type { MadeLink } from './link-dialog.tsx'

/** One administrator, and what can be done about them. */
export function AdministratorRow(props: {
  administrator: Administrator
  isLast: boolean
  onLink: (made: MadeLink) => void
}): ReactElement {
  const { administrator, isLast, onLink } = props
  const isSelf = useAdministrator()?.id === administrator.id
  const mayWrite = useMayWrite()
  return (
    <li className="log-entry">
      <div className="row-between">
        <span className="row-wrap">
          <strong className="wrap">{administrator.name}</strong>
          {isSelf && <Badge tone="accent" text="you" />}
          <Badge tone="quiet" text={administrator.role === 'admin' ? 'changes things' : 'looks'} />
          {!administrator.hasPassword && <Badge tone="warn" text="has not used the link yet" />}
        </span>
        <span className="small dimmed">
          invited <TimeText value={administrator.createdAt} />
        </span>
      </div>
      {isLast && (
        <p className="small dimmed">
          The last administrator who may change things: make another one first, to remove this one.
        </p>
      )}
      {mayWrite && (
        <AdministratorActions administrator={administrator} isLast={isLast} onLink={onLink} />
      )}
    </li>
  )
}

function AdministratorActions(props: {
  administrator: Administrator
  isLast: boolean
  onLink: (made: MadeLink) => void
}): ReactElement {
  const { administrator, isLast, onLink } = props
  const { name, role } = administrator
  const [isAsking, setIsAsking] = useState(false)
  const { changingRole, linking, removing } = useAdministratorChanges(administrator, onLink)
  const isSelf = useAdministrator()?.id === administrator.id
  const ask = (): void => {
    removing.reset()
    setIsAsking(true)
  }
  return (
    <div className="row-wrap">
      <NativeSelect
        size="xs"
        aria-label={`Role of ${name}`}
        data={ROLES}
        value={role}
        // One key press would be enough to lose the right to take it back.
        disabled={isLast || isSelf || changingRole.isPending}
        onChange={({ currentTarget: { value } }) =>
          changingRole.mutate(value === 'admin' ? 'admin' : 'viewer')
        }
      />
      <Button
        size="xs"
        variant="default"
        loading={linking.isPending}
        aria-label={`New sign-in link for ${name}`}
        onClick={() => linking.mutate()}
      >
        New sign-in link
      </Button>
      {!isLast && (
        <Button size="xs" color="red" variant="outline" aria-label={`Remove ${name}`} onClick={ask}>
          Remove…
        </Button>
      )}
      <NamedConfirmation
        name={name}
        title="Remove this administrator?"
        text="Their sessions end at once, and they cannot sign in again."
        action="Remove"
        opened={isAsking}
        isPending={removing.isPending}
        error={removing.error}
        onClose={() => setIsAsking(false)}
        onConfirm={() => removing.mutate()}
      />
    </div>
  )
}

const ROLES = [
  { value: 'viewer', label: 'looks (viewer)' },
  { value: 'admin', label: 'changes things (admin)' },
]

function useAdministratorChanges(
  { id, name, role }: Administrator,
  onLink: (made: MadeLink) => void,
) {
  const queries = useQueryClient()
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: ['administrators'] })
  }
  const params = { path: { id } }
  const changingRole = useMutation({
    mutationFn: (chosen: Administrator['role']) =>
      answerOf(api.PATCH('/v1/administrators/{id}', { params, body: { role: chosen } })),
    onSuccess: () => {
      refresh()
      notifyDone(`The role of ${name} is changed.`, () => {
        changingRole.mutate(role)
      })
    },
    onError: notifyProblem,
  })
  const linking = useMutation({
    mutationFn: async () =>
      (await answerOf(api.POST('/v1/sign-in-links', { body: { name } }))).body,
    onSuccess: (link) => onLink({ ...link, name }),
    onError: notifyProblem,
  })
  const removing = useMutation({
    mutationFn: () => answerOf(api.DELETE('/v1/administrators/{id}', { params })).catch(unlessGone),
    ...CONFIRMED,
    onSuccess: () => {
      refresh()
      notifyDone(`${name} is removed.`)
    },
  })
  return { changingRole, linking, removing }
}
