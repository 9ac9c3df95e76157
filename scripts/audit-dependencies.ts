/**
 * `npm run audit:dependencies`: is a known vulnerability in anything that is shipped?
 * Exit codes: 0 none is known, 1 one is, 3 the advisory service did not answer, so that nobody knows.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** What `npm audit --json` came to. */
export type AuditVerdict =
  | { readonly kind: 'none_known' }
  /** A line for each package that has one. */
  | { readonly kind: 'vulnerable'; readonly lines: readonly string[] }
  | { readonly kind: 'not_known'; readonly because: string }

/** Judges what npm printed: what is not a whole report says nothing about the dependencies. */
export function judgeAudit(printed: string): AuditVerdict {
  const report = parsed(printed)
  if (report === undefined) return { kind: 'not_known', because: 'npm printed no report' }
  const { vulnerabilities } = report
  if (!isRecord(vulnerabilities) || !isRecord(report['metadata'])) {
    return { kind: 'not_known', because: reasonIn(report) }
  }
  const found = Object.values(vulnerabilities) as readonly Vulnerable[] // npm's own, in a whole report
  const lines = found.map(lineOf)
  return lines.length === 0 ? { kind: 'none_known' } : { kind: 'vulnerable', lines }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function reasonIn({ message, error }: Readonly<Record<string, unknown>>): string {
  if (typeof message === 'string') return message
  const summary = isRecord(error) ? error['summary'] : undefined
  return typeof summary === 'string' && summary !== '' ? summary : 'npm printed no report'
}

interface Vulnerable {
  readonly name: string
  readonly severity: string
  readonly range: string
  /** Advisories, or the names of packages that bring it along. */
  readonly via: readonly (string | { readonly title: string })[]
  readonly fixAvailable: boolean | object
}

function lineOf({ name, severity, range, via, fixAvailable }: Vulnerable): string {
  const titles = via.map((cause) => (typeof cause === 'string' ? `through ${cause}` : cause.title))
  const remedy = fixAvailable === false ? 'no fixed version yet' : 'npm audit fix'
  return `${severity}: ${name} ${range}: ${titles.join('; ')} (${remedy})`
}

/** @returns the exit code */
function audit(): number {
  // Off line npm would ask three times, with a minute between.
  const options = ['--omit', 'dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000']
  const { stdout } = spawnSync('npm', ['audit', ...options], { cwd: ROOT, encoding: 'utf8' })
  const verdict = judgeAudit(stdout)
  switch (verdict.kind) {
    case 'none_known':
      console.log('No known vulnerability in what is shipped.')
      return 0
    case 'vulnerable':
      console.error(`Known vulnerabilities in what is shipped:\n${verdict.lines.join('\n')}`)
      return 1
    case 'not_known':
      console.error(`NOT CHECKED for known vulnerabilities: ${verdict.because}.`)
      console.error('This is not a pass. Run it again where the npm advisory service answers.')
      return 3
    default:
      return verdict satisfies never
  }
}

if (import.meta.main) process.exitCode = audit()
