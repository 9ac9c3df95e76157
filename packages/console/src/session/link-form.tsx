import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactElement, type FormEvent, useState } from 'react'
import { sessionQuery } from '../api/queries.ts'
import type { LinkPurpose } from '../api/session.ts'
import { followLink } from '../api/session-client.ts'
import { mayBeDone } from '../api/problem.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { DoorCard } from './door-card.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** Name and password of an administrator to be, or the new password of one. */
export function LinkForm(props: { link: string; purpose: ChoosingPurpose }): ReactElement {
  const { link, purpose } = props
  const [name, setName] = useState(purpose.name ?? '')
  const [password, setPassword] = useState('')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const following = useMutation({
    mutationFn: followLink,
    // The link works once: sent again, it would say that it does not.
    retry: false,
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      await navigate({ to: '/tokens' })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    following.mutate({ link, password, ...(purpose.name === null ? { name } : {}) })
  }
  const words = WORDS[purpose.purpose]
  return (
    <DoorCard title={words.title}>
      <p>{words.lead}</p>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label="Name"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={purpose.name !== null}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NewPasswordField value={password} onChange={setPassword} />
        {following.isError && <ProblemPanel error={following.error} />}
        {mayBeDone(following.error) && (
          <p className="small tone-warn">
            The password may be set all the same: if the link does not work again,{' '}
            <Link to="/sign-in">sign in</Link> with it.
          </p>
        )}
        <Button type="submit" loading={following.isPending} fullWidth>
          {words.action}
        </Button>
      </form>
    </DoorCard>
  )
}

/** What a link is for by which one chooses a password. */
export type ChoosingPurpose = LinkPurpose & { readonly purpose: keyof typeof WORDS }

const WORDS = {
  set_up: {
    title: 'Set up Keyfence',
    lead: 'You are the first administrator. Choose how you will sign in.',
    action: 'Create administrator',
  },
  invite: {
    title: 'Join as administrator',
    lead: 'You were invited. Choose how you will sign in.',
    action: 'Join',
  },
  reset: {
    title: 'Choose a new password',
    lead: 'Every session of yours ends, and you sign in with the new password.',
    action: 'Save password',
  },
} as const
