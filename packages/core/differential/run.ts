import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { compare } from './agreement.ts'
import { CASE_KINDS, type CaseKind } from './case.ts'
import { chunksOf, type Chunk, type ChunkPlan, type ChunkResult, type Difference } from './chunk.ts'
import { keepCase, readKeptCases } from './kept-cases.ts'
import { remainingText } from './remaining-text.ts'
import {
  chunksLeft,
  firstState,
  forgetState,
  readState,
  type RunState,
  saveState,
  withResult,
} from './run-state.ts'

const WORKERS = availableParallelism()
const PROGRESS_MS = 5000
const OPTIONS = {
  cases: { type: 'string' },
  seed: { type: 'string' },
  kind: { type: 'string' },
  state: { type: 'string' },
} as const
const USAGE =
  'usage: node packages/core/differential/run.ts [--cases N] [--seed N]' +
  ` [--kind ${CASE_KINDS.join('|')}] [--state FILE, to go on where it stopped]`

const wanted = wantedRun(process.argv.slice(2))
if (wanted === null) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  console.log(`seed ${wanted.state.plan.seed}`)
  process.exitCode = (await run(wanted)) ? 0 : 1
}

/** Runs the kept cases, then generated ones until a difference; true if there was none. */
async function run({ state: first, path }: WantedRun): Promise<boolean> {
  const kept = readKeptCases()
  const failed = kept.map(compare).filter(({ agrees }) => !agrees)
  for (const difference of failed) report('kept case', difference)
  if (failed.length > 0) return false
  console.log(`${kept.length} kept cases, 0 differences`)

  const { state, difference } = await compareGenerated(first, path)
  const { seed } = first.plan
  if (difference === null) {
    if (path !== undefined) forgetState(path)
    console.log(`${state.cases} cases, 0 differences (seed ${seed})`)
    printOutcomes(state.outcomes)
    return true
  }
  report('difference', difference)
  keepCase({ ...difference.question, because: `differed at seed ${seed}` })
  return false
}

interface Totals {
  state: RunState
  difference: Difference | null
}

async function compareGenerated(first: RunState, path: string | undefined): Promise<Totals> {
  const totals: Totals = { state: first, difference: null }
  const startedAt = performance.now()
  const keep = (): void => {
    if (path !== undefined) saveState(path, totals.state)
  }
  const progress = setInterval(() => {
    const { cases, plan } = totals.state
    const rate = ((cases - first.cases) / (performance.now() - startedAt)) * 1000
    const remaining = remainingText(plan.cases - cases, rate)
    console.log(`${cases} of ${plan.cases} cases, ${Math.round(rate)} a second, ${remaining}`)
    keep()
  }, PROGRESS_MS)
  const queue = [...chunksLeft(first, chunksOf(first.plan))]
  try {
    await Promise.all(Array.from({ length: WORKERS }, () => drain(queue, totals)))
  } finally {
    clearInterval(progress)
    keep()
  }
  return totals
}

/** One worker thread, fed from the queue until it is empty or a difference has been found. */
async function drain(queue: (readonly [number, Chunk])[], totals: Totals): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  try {
    while (totals.difference === null) {
      const next = queue.shift()
      if (next === undefined) break
      const [index, chunk] = next
      const result = await ask(worker, chunk)
      // A chunk with a difference stays undone: whoever goes on meets it again.
      if (result.difference === null) totals.state = withResult(totals.state, index, result)
      else totals.difference ??= result.difference
    }
  } finally {
    await worker.terminate()
  }
}

function ask(worker: Worker, chunk: Chunk): Promise<ChunkResult> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (result: ChunkResult) => {
      worker.off('error', reject)
      resolve(result)
    })
    worker.postMessage(chunk, [])
  })
}

function printOutcomes(outcomes: Readonly<Record<string, number>>): void {
  const rows = Object.entries(outcomes).sort(
    ([one, many], [other, few]) => rankOf(one) - rankOf(other) || few - many,
  )
  for (const [name, count] of rows) console.log(`${String(count).padStart(9)}  ${name}`)
}

/** Where the kind of case that an outcome begins with stands among the kinds. */
function rankOf(name: string): number {
  return CASE_KINDS.findIndex((kind) => name.startsWith(kind))
}

function report(title: string, { question, reference, implementation }: Difference): void {
  console.log(`${title} (${question.kind}): ${JSON.stringify(question.input)}`)
  console.log(`  reference:      ${JSON.stringify(reference)}`)
  console.log(`  implementation: ${JSON.stringify(implementation)}`)
}

interface WantedRun {
  readonly state: RunState
  /** Where it is kept; `undefined`: nowhere. */
  readonly path: string | undefined
}

/** The run that the arguments ask for; null if they cannot be read, or what is kept is of another one. */
function wantedRun(args: readonly string[]): WantedRun | null {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const path = values.state
    const kept = path === undefined ? undefined : readState(path)
    const kind = values.kind === undefined ? null : kindNamed(values.kind)
    const cases = Number(values.cases ?? 1_000_000)
    const seed = Number(values.seed ?? kept?.plan.seed ?? randomInt(2 ** 31))
    const areWhole = Number.isSafeInteger(cases) && cases > 0 && Number.isSafeInteger(seed)
    if (kind === undefined || !areWhole) return null
    const plan: ChunkPlan = { cases, seed, kind }
    if (kept === undefined) return { state: firstState(plan), path }
    if (isDeepStrictEqual(kept.plan, plan)) return { state: kept, path }
    console.error(
      `${path} is of another run, ${JSON.stringify(kept.plan)}: remove it, or go on with that.`,
    )
    return null
  } catch {
    return null
  }
}

function kindNamed(name: string): CaseKind | undefined {
  return CASE_KINDS.find((kind) => kind === name)
}
