import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { compare } from './agreement.ts'
import { CASE_KINDS, type CaseKind } from './case.ts'
import { chunksOf, type Chunk, type ChunkPlan, type ChunkResult, type Difference } from './chunk.ts'
import { keepCase, readKeptCases } from './kept-cases.ts'

const WORKERS = 2
const PROGRESS_MS = 5000
const USAGE =
  'usage: node packages/core/differential/run.ts [--cases N] [--seed N]' +
  ` [--kind ${CASE_KINDS.join('|')}]`

const plan = planOf(process.argv.slice(2))
if (plan === null) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  console.log(`seed ${plan.seed}`)
  process.exitCode = (await run(plan)) ? 0 : 1
}

/** Runs the kept cases, then generated ones until a difference; true if there was none. */
async function run(wanted: ChunkPlan): Promise<boolean> {
  const kept = readKeptCases()
  const failed = kept.map(compare).filter(({ agrees }) => !agrees)
  for (const difference of failed) report('kept case', difference)
  if (failed.length > 0) return false
  console.log(`${kept.length} kept cases, 0 differences`)

  const { cases, outcomes, difference } = await compareGenerated(chunksOf(wanted))
  if (difference === null) {
    console.log(`${cases} cases, 0 differences (seed ${wanted.seed})`)
    printOutcomes(outcomes)
    return true
  }
  report('difference', difference)
  keepCase({ ...difference.question, because: `differed at seed ${wanted.seed}` })
  return false
}

interface Totals {
  cases: number
  outcomes: Map<string, number>
  difference: Difference | null
}

async function compareGenerated(chunks: readonly Chunk[]): Promise<Totals> {
  const totals: Totals = { cases: 0, outcomes: new Map(), difference: null }
  const startedAt = performance.now()
  const progress = setInterval(() => {
    const rate = (totals.cases / (performance.now() - startedAt)) * 1000
    console.log(`${totals.cases} cases, ${Math.round(rate)} a second`)
  }, PROGRESS_MS)
  const queue = [...chunks]
  try {
    await Promise.all(Array.from({ length: WORKERS }, () => drain(queue, totals)))
  } finally {
    clearInterval(progress)
  }
  return totals
}

/** One worker thread, fed from the queue until it is empty or a difference has been found. */
async function drain(queue: Chunk[], totals: Totals): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  try {
    while (totals.difference === null) {
      const chunk = queue.shift()
      if (chunk === undefined) break
      add(totals, await ask(worker, chunk))
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

function add(totals: Totals, result: ChunkResult): void {
  totals.cases += result.cases
  totals.difference ??= result.difference
  for (const [outcome, count] of Object.entries(result.outcomes)) {
    const name = `${result.kind} ${outcome}`
    totals.outcomes.set(name, (totals.outcomes.get(name) ?? 0) + count)
  }
}

function printOutcomes(outcomes: ReadonlyMap<string, number>): void {
  const rows = [...outcomes].sort(
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

/** The plan that the arguments ask for; null if they cannot be read. */
function planOf(args: readonly string[]): ChunkPlan | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { cases: { type: 'string' }, seed: { type: 'string' }, kind: { type: 'string' } },
    })
    const kind = values.kind === undefined ? null : kindNamed(values.kind)
    const cases = Number(values.cases ?? 1_000_000)
    const seed = Number(values.seed ?? randomInt(2 ** 31))
    const areWhole = Number.isSafeInteger(cases) && cases > 0 && Number.isSafeInteger(seed)
    return kind !== undefined && areWhole ? { cases, seed, kind } : null
  } catch {
    return null
  }
}

function kindNamed(name: string): CaseKind | undefined {
  return CASE_KINDS.find((kind) => kind === name)
}
