import { Button } from '@mantine/core'
import { hideNotification, showNotification } from '@mantine/notifications'
import { problemText } from '../api/problem.ts'

/** Says what an action did, and how to take it back where that can be done. */
export function notifyDone(message: string, undo?: () => void): void {
  const id = `done-${crypto.randomUUID()}`
  let isTakenBack = false
  const takeBack = (): void => {
    hideNotification(id)
    // It can still be pressed while it slides out.
    if (!isTakenBack) undo?.()
    isTakenBack = true
  }
  showNotification({
    id,
    color: 'green',
    message: (
      <span className="row-between">
        <span className="wrap">{message}</span>
        {undo !== undefined && (
          <Button size="compact-sm" variant="default" onClick={takeBack}>
            Undo
          </Button>
        )}
      </span>
    ),
    closeButtonProps: { 'aria-label': 'Close' },
  })
}

/** Says why an action did not happen. */
export function notifyProblem(error: unknown): void {
  showProblem(problemText(error))
}

/** Says of one of many what did not happen to it; stays until somebody closes it. */
export function notifyFailure(message: string): void {
  showProblem(message, false)
}

function showProblem(message: string, autoClose?: false): void {
  const closeButtonProps = { 'aria-label': 'Close' }
  showNotification({
    color: 'red',
    message,
    closeButtonProps,
    ...(autoClose === undefined ? {} : { autoClose }),
  })
}
