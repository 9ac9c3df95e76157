import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { type Administrator, answerOf, api } from '../api/client.ts'
import { administratorsQuery } from '../api/queries.ts'
import { mayBeDone } from '../api/problem.ts'
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

/** Who has never chosen a password cannot be relied on to do so. */
function isLastAdmin(one: Administrator, all: readonly Administrator[]): boolean {
  const counts = all.filter(({ role, hasPassword }) => role === 'admin' && hasPassword)
  return counts.length === 1 && counts[0]?.id === one.id
}

function InviteForm({ onInvited }: { onInvited: (made: MadeLink) => void }): ReactElement {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Administrator['role']>('viewer')
  const queries = useQueryClient()
  const inviting = useMutation({
    mutationFn: async (body: Pick<Administrator, 'name' | 'role'>) =>
      (await answerOf(api.POST('/v1/administrators', { body }))).body,
    // Sent again, it would say that the name is taken.
    retry: false,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['administrators'] }),
    onSuccess: (invited) => {
      onInvited(invited)
      setName('')
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') inviting.mutate({ name, role })
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
      {mayBeDone(inviting.error) && (
        <p className="small tone-warn">
          They may be invited all the same. If they are in the list, make a new sign-in link there.
        </p>
      )}
    </form>
  )
}

const ROLES = [
  { value: 'viewer', label: 'looks (viewer)' },
  { value: 'admin', label: 'changes things (admin)' },
]
