import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { answerOf, api, type ManagementKey } from '../api/client.ts'
import { mayBeDone } from '../api/problem.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'

type Scope = ManagementKey['scopes'][number]

type NewKey = Pick<ManagementKey, 'name' | 'owner' | 'scopes'>

/** Creates a management key. */
export function KeyForm({ onCreated }: { onCreated: (secret: string) => void }): ReactElement {
  const [name, setName] = useState('')
  const [owner, setOwner] = useState('')
  const [scopes, setScopes] = useState<readonly string[]>(['read'])
  const creating = useCreating((secret) => {
    onCreated(secret)
    setName('')
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const chosen = SCOPES.filter(({ value }) => scopes.includes(value)).map(({ value }) => value)
    if (name.trim() === '' || chosen.length === 0) return
    creating.mutate({ name, owner: owner || null, scopes: chosen })
  }
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field-line">
        <TextInput
          className="grow"
          label="Name of a new key"
          autoComplete="off"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          className="grow"
          label="For one owner alone"
          placeholder="all owners"
          autoComplete="off"
          maxLength={128}
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value.trim())}
        />
      </div>
      <ScopeBoxes scopes={scopes} onScopes={setScopes} />
      {creating.isError && <CreationProblem error={creating.error} />}
      <LeaveQuestion
        isAsked={creating.isPending}
        title="Leave before the key is here?"
        text="The new key is on its way, and shown once. Whoever leaves now loses it."
      />
      <div>
        <Button
          type="submit"
          disabled={name.trim() === '' || scopes.length === 0}
          loading={creating.isPending}
        >
          Create key
        </Button>
      </div>
    </form>
  )
}

function useCreating(onCreated: (secret: string) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: NewKey) => (await answerOf(api.POST('/v1/keys', { body }))).body,
    // Sent again, it would be another key.
    retry: false,
    onSuccess: ({ secret }) => onCreated(secret),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['keys'] }),
  })
}

function CreationProblem({ error }: { error: Error }): ReactElement {
  return (
    <>
      <ProblemPanel error={error} />
      {mayBeDone(error) && (
        <p className="small tone-warn">
          The key may be made all the same. Look at the list, and revoke it if it is there: its
          secret is lost.
        </p>
      )}
    </>
  )
}

function ScopeBoxes(props: {
  scopes: readonly string[]
  onScopes: (scopes: readonly string[]) => void
}): ReactElement {
  return (
    <Checkbox.Group label="It may" value={[...props.scopes]} onChange={props.onScopes}>
      <div className="row-wrap radio-row">
        {SCOPES.map(({ value, label }) => (
          <Checkbox key={value} value={value} label={label} />
        ))}
      </div>
    </Checkbox.Group>
  )
}

const SCOPES: readonly { readonly value: Scope; readonly label: string }[] = [
  { value: 'read', label: 'read' },
  { value: 'write', label: 'change things' },
  { value: 'feed', label: 'follow the tokens' },
  { value: 'decide', label: 'ask for decisions' },
]
