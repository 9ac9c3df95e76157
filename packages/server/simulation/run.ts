/** `npm run simulate -- --seeds N --from N`: runs seeds until one fails, and says what happened. */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { keepSeed, readKeptSeeds } from './kept-seeds.ts'
import { shrink } from './shrink.ts'
import { type RunResult, simulate } from './simulate.ts'
import type { RangeResult, SeedRange } from './worker.ts'

const WORKERS = 2
const SEEDS_PER_RANGE = 25
const PROGRESS_MS = 5000
const USAGE = 'usage: npm run simulate -- [--seeds N] [--from N] [--seed N]'

const wanted = wantedOf(process.argv.slice(2))
if (wanted === undefined) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  process.exitCode = (await run(wanted)) ? 0 : 1
}

/** Runs the kept seeds, then those that are asked for; true if all is well. */
async function run({ from, to }: SeedRange): Promise<boolean> {
  console.log(`seeds ${from} to ${to - 1}`)
  const kept = readKeptSeeds()
  for (const plan of kept) {
    const result = await simulate(plan)
    if (result.failure !== undefined) return report(result)
  }
  console.log(`${kept.length} kept seeds, 0 failures`)
  const { runs, decisions, failed } = await runRanges({ from, to })
  console.log(`${runs} runs, ${decisions} decisions held against the model`)
  if (failed === undefined) return true
  const shrunk = await shrink(failed)
  const { seed, without, failure = '' } = shrunk
  keepSeed({ seed, without, because: failure })
  return report(shrunk)
}

function report({ seed, failure, trace }: RunResult): false {
  console.log(`${trace.join('\n')}\nseed ${seed}: ${failure}`)
  return false
}

interface Totals {
  runs: number
  decisions: number
  failed: RunResult | undefined
}

async function runRanges({ from, to }: SeedRange): Promise<Totals> {
  const totals: Totals = { runs: 0, decisions: 0, failed: undefined }
  const ranges: SeedRange[] = []
  for (let at = from; at < to; at += SEEDS_PER_RANGE) {
    ranges.push({ from: at, to: Math.min(at + SEEDS_PER_RANGE, to) })
  }
  const progress = setInterval(() => console.log(`${totals.runs} runs`), PROGRESS_MS)
  try {
    await Promise.all(Array.from({ length: WORKERS }, () => drain(ranges, totals)))
  } finally {
    clearInterval(progress)
  }
  return totals
}

/** One worker thread, fed until there is nothing left or a seed has failed. */
async function drain(ranges: SeedRange[], totals: Totals): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  try {
    while (totals.failed === undefined) {
      const range = ranges.shift()
      if (range === undefined) break
      const { runs, decisions, failed } = await ask(worker, range)
      totals.runs += runs
      totals.decisions += decisions
      totals.failed ??= failed
    }
  } finally {
    await worker.terminate()
  }
}

function ask(worker: Worker, range: SeedRange): Promise<RangeResult> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (result: RangeResult) => {
      worker.off('error', reject)
      resolve(result)
    })
    worker.postMessage(range, [])
  })
}

/** What the arguments ask for; `undefined` if they cannot be read. */
function wantedOf(args: readonly string[]): SeedRange | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } },
    })
    const from = Number(values.seed ?? values.from ?? randomInt(2 ** 31))
    const seeds = values.seed === undefined ? Number(values.seeds ?? 1000) : 1
    const areWhole = Number.isSafeInteger(from) && Number.isSafeInteger(seeds) && seeds > 0
    return areWhole ? { from, to: from + seeds } : undefined
  } catch {
    return undefined
  }
}
