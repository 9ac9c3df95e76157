import { Agent, request } from 'undici'
import { counted } from '../counted.ts'
import { type Finding, note, ok, problem } from './finding.ts'

const ANSWER_TIMEOUT_MS = 5000

/** Reads the metrics of the node behind a socket; `undefined`: it gives none. */
export async function readMetrics(socketPath: string): Promise<string | undefined> {
  const dispatcher = new Agent({ connect: { socketPath } })
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const { statusCode, body } = await request('http://localhost/metrics', { dispatcher, signal })
    return statusCode === 200 ? await body.text() : undefined
  } catch {
    return undefined
  } finally {
    await dispatcher.close()
  }
}

/** Looks whether a node's copy is young, and whether it records what it judges. @param metrics as Prometheus reads them. */
export function checkMetrics(metrics: string, maxStalenessMs: number): readonly Finding[] {
  const ageMs = valueOf(metrics, 'keyfence_staleness_seconds') * 1000
  return [
    // Without a first copy it is not ready, and that is told already.
    ...(Number.isFinite(ageMs) ? [checkCopyAge(ageMs, maxStalenessMs)] : []),
    checkDropped(valueOf(metrics, 'keyfence_activity_dropped_total')),
  ]
}

/** The sum over all labels; 0: there is no such metric. */
function valueOf(metrics: string, name: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    .reduce((sum, value) => sum + value, 0)
}

function checkCopyAge(ageMs: number, maxStalenessMs: number): Finding {
  const ageS = Math.round(ageMs / 1000)
  if (ageMs <= maxStalenessMs / 2) return ok('copy', `Its copy of the tokens is ${ageS} s old.`)
  const message = `Its copy of the tokens is ${ageS} s old; from ${maxStalenessMs / 1000} s on every request is 503.`
  return problem('copy', message, 'The store does not answer the node: look into its log.')
}

function checkDropped(calls: number): Finding {
  if (calls === 0) return ok('activity', 'It has recorded everything that it judged.')
  const message = `Of ${counted(calls, 'call')} something was not recorded since it started.`
  const remedy =
    'The store is too slow or full: look into its log, or raise activityQueueMax for short peaks.'
  return note('activity', message, remedy)
}
