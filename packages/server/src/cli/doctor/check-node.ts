import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { managementSocketPath } from '../../node/management-socket.ts'
import { isOpenElsewhere } from '../../store/sqlite/read-only-sqlite.ts'
import { askReadiness, readinessText } from '../healthcheck.ts'
import { checkMetrics, readMetrics } from './check-metrics.ts'
import { type Finding, note, ok, problem } from './finding.ts'

/** Looks whether a node runs on a data folder, is ready, follows the store and records. */
export async function checkNode({ data, maxStalenessMs }: Config): Promise<readonly Finding[]> {
  const socketPath = managementSocketPath(data)
  if (socketPath === undefined || !existsSync(socketPath))
    return [note('node', 'No node runs here.')]
  const readiness = await checkReadiness(data, socketPath)
  const metrics = readiness.level === 'note' ? undefined : await readMetrics(socketPath)
  return metrics === undefined ? [readiness] : [readiness, ...checkMetrics(metrics, maxStalenessMs)]
}

async function checkReadiness(folder: string, socketPath: string): Promise<Finding> {
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
    return note('node', message)
  }
  const message = 'A node seems to run here and does not answer on its socket.'
  return problem('node', message, 'Look into its log, and start it again.')
}
