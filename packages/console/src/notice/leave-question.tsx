import { Button } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Dialog } from './dialog.tsx'

/** Asks before a page is left that would lose something. */
export function LeaveQuestion(props: {
  isAsked: boolean
  title: string
  text: string
}): ReactElement {
  const blocker = useBlocker({
    // Filters and fragments of the same page lose nothing.
    shouldBlockFn: ({ current, next }) => props.isAsked && current.pathname !== next.pathname,
    enableBeforeUnload: () => props.isAsked,
    withResolver: true,
  })
  return (
    <Dialog
      opened={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={props.title}
      layer="question"
    >
      <div className="stack">
        <p>{props.text}</p>
        <div className="row-wrap">
          <Button data-autofocus onClick={() => blocker.reset?.()}>
            Stay
          </Button>
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            Leave
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
