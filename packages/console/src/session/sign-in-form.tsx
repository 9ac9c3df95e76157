import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { problemText } from '../api/problem.ts'
import { sessionQuery } from '../api/queries.ts'
import { signIn } from '../api/session-client.ts'
import type { SignedIn } from '../api/session.ts'
import { Panel } from '../notice/panel.tsx'

/** Asks for name and password. @param onSignedIn called once the session has begun. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }): ReactElement {
  const queries = useQueryClient()
  const form = useForm({ initialValues: { name: '', password: '' } })
  const attempt = useMutation({
    mutationFn: signIn,
    onSuccess: (session: SignedIn) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      onSignedIn()
    },
    onError: () => form.setFieldValue('password', ''),
  })
  return (
    <form className="stack" onSubmit={form.onSubmit((values) => attempt.mutate(values))}>
      <TextInput
        label="Name"
        autoComplete="username"
        required
        withAsterisk={false}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        {...form.getInputProps('password')}
      />
      {attempt.isError && (
        <Panel tone="bad" role="alert">
          {problemText(attempt.error)}
        </Panel>
      )}
      <Button type="submit" loading={attempt.isPending} fullWidth>
        Sign in
      </Button>
    </form>
  )
}
