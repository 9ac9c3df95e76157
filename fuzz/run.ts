/**
 * `npm run fuzz -- [TARGET…] [--seconds N] [--executions N] [--seed N] [--keep]`: looks for inputs
 * that break a target, for so long each (10 s, unless executions are given). What breaks one is made short and kept in
 * `fuzz/corpus`, where `npm test` runs it from then on; `--keep` keeps what took new branches too.
 * Of several targets, each has a process of its own, as many at once as there are cores.
 * Exit code 1: something broke; 2: wrong use.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { campaign, type CampaignResult } from './campaign.ts'
import { keepInputs, readCorpus, worthKeeping } from './corpus.ts'
import { countBranches } from './count-branches.ts'
import type { Target } from './target.ts'

const counters = countBranches()
// Only now, so that what they load is counted.
const { TARGETS } = await import('./targets.ts')
const NAMES = TARGETS.map(({ name }) => name)
const USAGE =
  'usage: npm run fuzz -- [TARGET...] [--seconds N] [--executions N] [--seed N] [--keep]\n' +
  `targets: ${NAMES.join(', ')}`

interface Plan {
  readonly targets: readonly Target[]
  readonly seconds: number
  readonly executions: number
  readonly seed: number
  readonly keep: boolean
}

const plan = planOf(process.argv.slice(2))
if (plan === undefined) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  const isAlone = plan.targets.length === 1
  const attackOne = isAlone ? attack : attackApart
  const left = plan.targets.values()
  const attackThoseLeft = async (): Promise<void> => {
    for (const target of left) if (!(await attackOne(target, plan))) process.exitCode = 1
  }
  await Promise.all(Array.from({ length: isAlone ? 1 : availableParallelism() }, attackThoseLeft))
}

/** The same in a process of its own. @returns whether everything held */
function attackApart(
  { name }: Target,
  { seconds, executions, seed, keep }: Plan,
): Promise<boolean> {
  const limits = Object.entries({ seconds, executions })
    .filter(([, limit]) => Number.isFinite(limit))
    .flatMap(([option, limit]) => [`--${option}`, `${limit}`])
  const options = [name, ...limits, '--seed', `${seed}`, ...(keep ? ['--keep'] : [])]
  const child = spawn(process.execPath, [import.meta.filename, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)))
}

/** @returns whether everything held */
async function attack(target: Target, { seconds, executions, seed, keep }: Plan): Promise<boolean> {
  const began = performance.now()
  const endsAt = began + seconds * 1000
  const corpus = readCorpus(target.name)
  const isOver = (done: number): boolean => done >= executions || performance.now() >= endsAt
  const result = await campaign({ target, counters, seed, corpus, isOver })
  report(target.name, result, { seed, tookMs: performance.now() - began })
  if (result.broken !== undefined) {
    keepInputs(target.name, [result.broken.input])
    return false
  }
  if (keep) keepInputs(target.name, await worthKeeping(target, result.found, counters))
  return true
}

function report(
  name: string,
  result: CampaignResult,
  { seed, tookMs }: { readonly seed: number; readonly tookMs: number },
): void {
  const { executions, branches, found, broken } = result
  const rate = Math.round((executions / tookMs) * 1000)
  console.log(
    `${name}: ${executions} executions (${rate} a second) from seed ${seed}, corpus ${found.length}, ${branches} branches`,
  )
  if (broken === undefined) return
  console.error(`${name} breaks on ${JSON.stringify(broken.input)}`)
  console.error(broken.error)
}

/** The plan that the arguments ask for; `undefined` if they cannot be read. */
function planOf(args: readonly string[]): Plan | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seconds: { type: 'string' },
        executions: { type: 'string' },
        seed: { type: 'string' },
        keep: { type: 'boolean', default: false },
      },
    })
    const executions = Number(values.executions ?? Number.POSITIVE_INFINITY)
    const secondsMax = values.executions === undefined ? 10 : Number.POSITIVE_INFINITY
    const seconds = Number(values.seconds ?? secondsMax)
    const seed = Number(values.seed ?? randomInt(2 ** 31))
    const areKnown = positionals.every((name) => NAMES.includes(name))
    if (!(seconds > 0) || !(executions > 0) || !Number.isSafeInteger(seed) || !areKnown) {
      return undefined
    }
    const targets = TARGETS.filter(({ name }) => isAsked(name, positionals))
    return { targets, seconds, executions, seed, keep: values.keep }
  } catch {
    return undefined
  }
}

function isAsked(name: string, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.includes(name)
}
