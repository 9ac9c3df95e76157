import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { answerOf, api, type Token, type VersionedToken } from '../api/client.ts'
import { CONFIRMED, unlessGone } from '../api/confirmed.ts'
import { tokenQuery } from '../api/queries.ts'
import { NamedConfirmation } from '../notice/named-confirmation.tsx'
import { notifyDone } from '../notice/notify.tsx'
import { tokenState } from '../token/token-state.ts'
import { useTokenChange } from '../token/use-token-change.ts'
import { SettingCard } from './setting-card.tsx'

/** Disables a token for a while, or enables it again. */
export function StatusCard({ stored }: { stored: VersionedToken }): ReactElement {
  const { change, isPending } = useTokenChange()
  const isDisabled = stored.token.status === 'disabled'
  const verb = isDisabled ? 'enable' : 'disable'
  const toggle = (): void =>
    change(
      stored,
      { kind: 'status', verb },
      {
        done: isDisabled ? enabledText(stored.token) : 'Disabled: every call gets 401.',
        undo: { kind: 'status', verb: isDisabled ? 'disable' : 'enable' },
      },
    )
  return (
    <SettingCard
      title={isDisabled ? 'Enable' : 'Disable'}
      text={
        isDisabled
          ? 'The token is disabled: every call gets 401.'
          : 'Every call gets 401 until it is enabled again. Both secrets are hit.'
      }
    >
      <div>
        <Button variant="default" loading={isPending} onClick={toggle}>
          {isDisabled ? 'Enable' : 'Disable'}
        </Button>
      </div>
    </SettingCard>
  )
}

function enabledText(token: Token): string {
  const { text } = tokenState({ ...token, status: 'active', mode: 'enforce' }, Date.now())
  return text === 'active' ? 'Enabled: it works again.' : `Enabled, and ${text}.`
}

/** Revokes a token, for good. */
export function RevokeCard({ stored }: { stored: VersionedToken }): ReactElement {
  const { change, isPending } = useTokenChange({ isConfirmed: true })
  const [isAsking, setIsAsking] = useState(false)
  return (
    <SettingCard
      title="Revoke"
      text="For good: a revoked token never works again. Its record stays."
    >
      <div>
        <Button color="red" variant="outline" onClick={() => setIsAsking(true)}>
          Revoke…
        </Button>
      </div>
      <NamedConfirmation
        name={stored.token.name}
        title="Revoke this token?"
        text="Every call with it gets 401 from now on. This cannot be undone."
        action="Revoke for good"
        opened={isAsking}
        isPending={isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          change(
            stored,
            { kind: 'status', verb: 'revoke' },
            { done: 'Revoked for good.', onDone: () => setIsAsking(false) },
          )
        }}
      />
    </SettingCard>
  )
}

/** Deletes a token with its record. */
export function DeleteCard({ stored }: { stored: VersionedToken }): ReactElement {
  const [isAsking, setIsAsking] = useState(false)
  const deleting = useDeleting(stored)
  const ask = (): void => {
    deleting.reset()
    setIsAsking(true)
  }
  return (
    <SettingCard
      title="Delete"
      text="The token, its lists and its activity are gone. Its secret is never accepted again."
    >
      <div>
        <Button color="red" variant="outline" onClick={ask}>
          Delete…
        </Button>
      </div>
      <NamedConfirmation
        name={stored.token.name}
        title="Delete this token?"
        text="Nothing of it is kept but the changes in the audit log. This cannot be undone."
        action="Delete"
        opened={isAsking}
        isPending={deleting.isPending}
        error={deleting.error}
        onClose={() => setIsAsking(false)}
        onConfirm={() => deleting.mutate()}
      />
    </SettingCard>
  )
}

function useDeleting({ token, etag }: VersionedToken) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { id, name } = token
  return useMutation({
    mutationFn: () =>
      answerOf(
        api.DELETE('/v1/tokens/{id}', { params: { path: { id }, header: { 'If-Match': etag } } }),
      ).catch(unlessGone),
    ...CONFIRMED,
    onError: () => void queries.invalidateQueries(tokenQuery(id)),
    onSuccess: async () => {
      // Of what is gone nothing is left that could be lost.
      await navigate({ to: '/tokens', ignoreBlocker: true })
      queries.removeQueries({ queryKey: ['tokens', 'one', id] })
      void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
      notifyDone(`Deleted ${name}.`)
    },
  })
}
