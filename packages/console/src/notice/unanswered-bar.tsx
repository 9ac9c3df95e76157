import { useMutationState } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { isUnreachable } from '../api/problem.ts'
import { Panel } from './panel.tsx'

/** Says that a change waits for a server that does not answer. */
export function UnansweredBar(): ReactElement | null {
  const reasons = useMutationState({
    filters: { status: 'pending' },
    select: ({ state }) => state.failureReason,
  })
  if (!reasons.some(isUnreachable)) return null
  return (
    <div className="unanswered-bar">
      <Panel tone="bad" role="alert">
        The server does not answer. It is tried again until it does; nothing that you entered is
        lost.
      </Panel>
    </div>
  )
}
