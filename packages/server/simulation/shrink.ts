import { FAULT_KINDS, type FaultKind } from './faults.ts'
import { type RunResult, simulate } from './simulate.ts'

/** A failing run with as few kinds of faults as still make it fail. */
export interface ShrunkRun extends RunResult {
  readonly without: readonly FaultKind[]
}

/**
 * Leaves out one kind of fault after the other, as long as the run still fails. Its trace ends where
 * it fails, so that it has no end to be cut off.
 */
export async function shrink(failed: RunResult): Promise<ShrunkRun> {
  let shrunk: ShrunkRun = { ...failed, without: [] }
  for (const kind of FAULT_KINDS) {
    const without = [...shrunk.without, kind]
    const result = await simulate({ seed: failed.seed, without })
    if (result.failure !== undefined) shrunk = { ...result, without }
  }
  return shrunk
}
