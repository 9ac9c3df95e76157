/** Runs the seeds that it is sent, until one fails. */
import { parentPort } from 'node:worker_threads'
import { type RunResult, simulate } from './simulate.ts'

/** Seeds from one to another, the last one not among them. */
export interface SeedRange {
  readonly from: number
  readonly to: number
}

/** What came of them. */
export interface RangeResult {
  readonly runs: number
  readonly decisions: number
  readonly failed: RunResult | undefined
}

parentPort?.on('message', (range: SeedRange) => {
  void runRange(range).then((result) => parentPort?.postMessage(result))
})

async function runRange({ from, to }: SeedRange): Promise<RangeResult> {
  let decisions = 0
  for (let seed = from; seed < to; seed++) {
    const result = await simulate({ seed })
    decisions += result.decisions
    if (result.failure !== undefined) return { runs: seed - from + 1, decisions, failed: result }
  }
  return { runs: to - from, decisions, failed: undefined }
}
