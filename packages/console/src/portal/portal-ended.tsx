import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { sessionQuery } from '../api/queries.ts'
import type { Portal } from '../api/session.ts'
import { rejoinPortal } from '../api/session-client.ts'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'

/** How an owner goes on whose session has ended: a new link, opened beside this page. */
export function PortalEnded({ portal }: { portal: Portal }): ReactElement {
  const queries = useQueryClient()
  const rejoining = useMutation({
    mutationFn: () => rejoinPortal(portal.owner),
    onSuccess: (found) => {
      // The waiting requests go out by themselves, and the dialog closes.
      if (typeof found === 'object') queries.setQueryData(sessionQuery.queryKey, found)
    },
  })
  const { data, error } = rejoining
  return (
    <div className="stack">
      <p className="small dimmed">
        What you entered on the page is still there. Open this portal once more from where you came,
        in another tab, and then go on here.
      </p>
      {error !== null && <ProblemPanel error={error} />}
      {data === 'no_session' && (
        <Panel tone="warn" role="alert">
          There is no new session yet. Open the portal in another tab of this browser first.
        </Panel>
      )}
      {data === 'other_owner' && (
        <Panel tone="warn" role="alert">
          The portal was opened for another owner. Open it for the owner of this page.
        </Panel>
      )}
      <Button loading={rejoining.isPending} onClick={() => rejoining.mutate()} fullWidth>
        Go on
      </Button>
    </div>
  )
}
