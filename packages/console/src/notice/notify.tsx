import { Button } from '@mantine/core'
import { hideNotification, showNotification } from '@mantine/notifications'
import { problemText } from '../api/problem.ts'

/** Says what an action did, and how to take it back where that can be done. */
export function notifyDone(message: string, undo?: () => void): void {
  const id = `done-${crypto.randomUUID()}`
  const takeBack = (): void => {
    hideNotification(id)
    undo?.()
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
  notifyFailure(problemText(error))
}

/** The same, where the sentence is there already. */
export function notifyFailure(message: string): void {
  showNotification({ color: 'red', message, closeButtonProps: { 'aria-label': 'Close' } })
}
