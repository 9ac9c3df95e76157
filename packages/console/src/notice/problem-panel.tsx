import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { ApiProblem, problemText } from '../api/problem.ts'
import { Panel } from './panel.tsx'

/** What the API refused, each single problem named; with a way to try again where that helps. */
export function ProblemPanel(props: { error: unknown; onRetry?: () => void }): ReactElement {
  const { error, onRetry } = props
  const problems = error instanceof ApiProblem ? error.problems : []
  return (
    <Panel tone="bad" role="alert">
      <div className="stack-tight">
        <p>{problemText(error)}</p>
        {problems.length > 0 && (
          <ul>
            {problems.map(({ path = '', message }) => (
              <li key={`${path} ${message}`}>{message}</li>
            ))}
          </ul>
        )}
        {onRetry !== undefined && (
          <div>
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}
