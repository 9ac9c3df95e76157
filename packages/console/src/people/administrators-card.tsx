import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { type Administrator, answerOf, api } from '../api/client.ts'
import { administratorsQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { useMayWrite } from '../session/use-session.ts'
import { AdministratorRow } from './administrator-row.tsx'
import { type MadeLink, LinkDialog } from './link-dialog.tsx'

/** Who may sign in, and inviting more of them. */
export function AdministratorsCard(): ReactElement {
  const administrators = useQuery(administratorsQuery)
  const [made, setMade] = useState<MadeLink>()
  const mayWrite = useMayWrite()
  const all = administrators.data ?? []
  return (
    <section className="card stack" aria-labelledby="administrators">
      <h2 className="section-title" id="administrators">
        Administrators
      </h2>
      {administrators.isError && (
        <ProblemPanel error={administrators.error} onRetry={() => void administrators.refetch()} />
      )}
      {administrators.isPending && <Skeleton height={120} />}
      <ul className="log" aria-label="Administrators">
        {all.map((administrator) => (
          <AdministratorRow
            key={administrator.id}
            administrator={administrator}
            isLast={isLastAdmin(administrator, all)}
            onLink={setMade}
          />
        ))}
      </ul>
      {mayWrite && <InviteForm onInvited={setMade} />}
      <LinkDialog made={made} onClose={() => setMade(undefined)} />
    </section>
  )
}

function isLastAdmin({ id, role }: Administrator, all: readonly Administrator[]): boolean {
  return role === 'admin' && !all.some((other) => other.id !== id && other.role === 'admin')
}

function InviteForm({ onInvited }: { onInvited: (made: MadeLink) => void }): ReactElement {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Administrator['role']>('viewer')
  const queries = useQueryClient()
  const inviting = useMutation({
    mutationFn: async () =>
      (await answerOf(api.POST('/v1/administrators', { body: { name, role } }))).body,
    onSuccess: (invited) => {
      void queries.invalidateQueries({ queryKey: ['administrators'] })
      onInvited(invited)
      setName('')
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') inviting.mutate()
  }
  return (
    <form className="stack-tight" onSubmit={submit}>
      <div className="field-line">
        <TextInput
          className="grow"
          label="Name of somebody to invite"
          autoComplete="off"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Role"
          data={ROLES}
          value={role}
          onChange={({ currentTarget: { value } }) =>
            setRole(value === 'admin' ? 'admin' : 'viewer')
          }
        />
        <Button type="submit" disabled={name.trim() === ''} loading={inviting.isPending}>
          Invite
        </Button>
      </div>
      {inviting.isError && <ProblemPanel error={inviting.error} />}
    </form>
  )
}

const ROLES = [
  { value: 'viewer', label: 'looks (viewer)' },
  { value: 'admin', label: 'changes things (admin)' },
]
