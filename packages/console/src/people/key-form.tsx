import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { answerOf, api, type ManagementKey } from '../api/client.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'

type Scope = ManagementKey['scopes'][number]

/** Creates a management key. */
export function KeyForm({ onCreated }: { onCreated: (secret: string) => void }): ReactElement {
  const [name, setName] = useState('')
  const [owner, setOwner] = useState('')
  const [scopes, setScopes] = useState<readonly string[]>(['read'])
  const queries = useQueryClient()
  const creating = useMutation({
    mutationFn: async () => {
      const chosen = SCOPES.filter(({ value }) => scopes.includes(value))
      const body = { name, owner: owner || null, scopes: chosen.map(({ value }) => value) }
      return (await answerOf(api.POST('/v1/keys', { body }))).body
    },
    onSuccess: ({ secret }) => {
      void queries.invalidateQueries({ queryKey: ['keys'] })
      onCreated(secret)
      setName('')
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '' && scopes.length > 0) creating.mutate()
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
      {creating.isError && <ProblemPanel error={creating.error} />}
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
