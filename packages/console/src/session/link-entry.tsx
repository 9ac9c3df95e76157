import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { sessionQuery } from '../api/queries.ts'
import { followLink } from '../api/session-client.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { DoorCard } from './door-card.tsx'

/** The way in by a link that asks for nothing. It takes a click: a preview of the link uses nothing up. */
export function LinkEntry({ link }: { link: string }): ReactElement {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const following = useMutation({
    mutationFn: () => followLink({ link }),
    retry: false,
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      await navigate({ to: '/tokens' })
    },
  })
  return (
    <DoorCard title="Open the console">
      <p>This link signs you in, once.</p>
      {following.isError && <ProblemPanel error={following.error} />}
      <Button loading={following.isPending} onClick={() => following.mutate()} fullWidth>
        Open
      </Button>
    </DoorCard>
  )
}
