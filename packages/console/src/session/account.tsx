import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { signOut } from '../api/session-client.ts'
import { notifyProblem } from '../notice/notify.tsx'
import { useAdministrator } from './use-session.ts'

/** Who is signed in, and the way out. */
export function Account(): ReactElement {
  const administrator = useAdministrator()
  const queries = useQueryClient()
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queries.clear()
      // A fresh page holds nothing of what was seen before.
      location.assign('/sign-in')
    },
    onError: notifyProblem,
  })
  return (
    <div className="row">
      {administrator !== undefined && (
        <span className="small dimmed account-name">
          {administrator.name}
          {administrator.role === 'viewer' && ', may only look'}
        </span>
      )}
      <Button
        size="xs"
        variant="default"
        loading={leaving.isPending}
        onClick={() => leaving.mutate()}
      >
        Sign out
      </Button>
    </div>
  )
}
