import type { NightlyJob } from './nightly-jobs.ts'

/** How a job ended. `not here`: there is no such script, which is told and fails nothing. */
export interface JobResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'not here'
  readonly seconds: number
}

/** What came of each job, and in one line of all. */
export function summaryText(results: readonly JobResult[]): string {
  const rows = results.map(({ name, outcome, seconds }) => [name, outcome, durationText(seconds)])
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  const ran = results.filter(({ outcome }) => outcome !== 'not here').length
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0)
  const all = `${ran - failed} passed, ${failed} failed, ${results.length - ran} not here, in ${durationText(total)}`
  return `${table(rows)}\n\n${all}`
}

/** What there is to run. */
export function listText(jobs: readonly NightlyJob[]): string {
  return table(
    jobs.map(({ name, finds, run }) => [name, run?.command.join(' ') ?? 'not here', finds]),
  )
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
