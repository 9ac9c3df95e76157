import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useEffect } from 'react'
import { isUnreachable } from '../api/problem.ts'
import { sessionQuery } from '../api/queries.ts'
import { openPortal } from '../api/session-client.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { DoorCard } from '../session/door-card.tsx'
import { PortalClosed } from './portal-closed.tsx'

/** Uses the link up at once: in a frame nobody would know what to click. */
export function PortalEntry({ link }: { link: string }): ReactElement {
  const queries = useQueryClient()
  const navigate = useNavigate()
  // A query and no effect: of one link it is asked once, however often the page is drawn.
  const { data, error, refetch } = useQuery({
    queryKey: ['portal-link', link],
    queryFn: () => openPortal(link),
    enabled: link !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  useEffect(() => {
    if (data === undefined) return
    queries.setQueryData(sessionQuery.queryKey, data)
    void navigate({ to: '/tokens', replace: true })
  }, [data, navigate, queries])
  if (link === '' || (error !== null && !isUnreachable(error))) return <PortalClosed />
  return (
    <DoorCard title="Your API tokens">
      {error === null ? (
        <Skeleton height={36} />
      ) : (
        <ProblemPanel error={error} onRetry={() => void refetch()} />
      )}
    </DoorCard>
  )
}
