import { existsSync } from 'node:fs'
import { managementSocketPath } from '../../node/management-socket.ts'
import { isOpenElsewhere } from '../../store/sqlite/read-only-sqlite.ts'
import { askReadiness, readinessText } from '../healthcheck.ts'
import { type Finding, ok, problem } from './finding.ts'

/** Looks whether a node runs on a data folder, and is ready. */
export async function checkNode(folder: string): Promise<Finding> {
  const socketPath = managementSocketPath(folder)
  if (socketPath === undefined || !existsSync(socketPath)) {
    return { level: 'note', about: 'node', message: 'No node runs here.' }
  }
  const readiness = await askReadiness({ origin: 'http://localhost', socketPath })
  if (readiness.status === 'ready') return ok('node', 'A node runs here, and is ready.')
  if (readiness.reason === 'no_answer') return unanswered(folder)
  return problem(
    'node',
    `A node runs here, and is ${readinessText(readiness)}.`,
    'Look into its log; a node that cannot read its store says why there.',
  )
}

function unanswered(folder: string): Finding {
  if (!isOpenElsewhere(folder)) {
    const message = 'No node runs here; the last one left its socket, which the next replaces.'
    return { level: 'note', about: 'node', message }
  }
  const message = 'A node seems to run here and does not answer on its socket.'
  return problem('node', message, 'Look into its log, and start it again.')
}
