/**
 * `npm run nightly`: the checks that take hours, one after the other; goes on after a failure, and ends with
 * a table. `--only NAME` runs some of them, `--quick` a short piece of each, `--list` says what there is.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type NightlyJob, nightlyJobs } from './nightly-jobs.ts'
import { type JobResult, listText, summaryText } from './nightly-summary.ts'

const ROOT = join(import.meta.dirname, '..')
const USAGE = 'usage: npm run nightly -- [--only NAME]… [--quick] [--list]'

process.exitCode = nightly(process.argv.slice(2))

/** @returns the exit code */
function nightly(args: readonly string[]): number {
  const wanted = wantedJobs(args)
  if (wanted === undefined) {
    console.error(USAGE)
    return 2
  }
  const { jobs, isList } = wanted
  if (isList) {
    console.log(listText(jobs))
    return 0
  }
  const results = jobs.map((job, at) => ranJob(job, `${at + 1} of ${jobs.length}`))
  console.log(`\n${summaryText(results)}`)
  return results.every(({ outcome }) => outcome !== 'failed') ? 0 : 1
}

function wantedJobs(
  args: readonly string[],
): { readonly jobs: readonly NightlyJob[]; readonly isList: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        list: { type: 'boolean' },
      },
    })
    const all = nightlyJobs({ scripts: scriptsHere(), isQuick: values.quick ?? false })
    const { only } = values
    const isList = values.list ?? false
    if (only === undefined) return { jobs: all, isList }
    const unknown = only.filter((name) => !all.some((job) => job.name === name))
    if (unknown.length > 0) console.error(`There is no job ${unknown.join(', ')}: see --list.`)
    const jobs = all.filter(({ name }) => only.includes(name))
    return unknown.length > 0 ? undefined : { jobs, isList }
  } catch {
    return undefined
  }
}

function scriptsHere(): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  return Object.keys((manifest as { readonly scripts: object }).scripts) // our own file
}

function ranJob({ name, run }: NightlyJob, place: string): JobResult {
  if (run === undefined) return { name, outcome: 'not here', seconds: 0 }
  const { command, env } = run
  console.log(`\n== ${name} (${place}): ${command.join(' ')}`)
  const [program = '', ...parameters] = command
  const startedAt = performance.now()
  const { status } = spawnSync(program, parameters, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  return { name, outcome: status === 0 ? 'passed' : 'failed', seconds }
}
