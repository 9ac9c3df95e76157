import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Chunk, ChunkPlan, ChunkResult } from './chunk.ts'

/** How far a run is. */
export interface RunState {
  readonly plan: ChunkPlan
  /** All chunks before this one are done. */
  readonly next: number
  /** Chunks behind it that are done as well. */
  readonly ahead: readonly number[]
  readonly cases: number
  /** How often each outcome, by its kind and name. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** A run at its beginning. */
export function firstState(plan: ChunkPlan): RunState {
  return { plan, next: 0, ahead: [], cases: 0, outcomes: {} }
}

/** The state behind one more chunk. @param index its place in the plan. */
export function withResult(state: RunState, index: number, result: ChunkResult): RunState {
  const ahead = new Set([...state.ahead, index])
  let { next } = state
  while (ahead.delete(next)) next++
  const outcomes = { ...state.outcomes }
  for (const [outcome, count] of Object.entries(result.outcomes)) {
    const name = `${result.kind} ${outcome}`
    outcomes[name] = (outcomes[name] ?? 0) + count
  }
  return { ...state, next, ahead: [...ahead], cases: state.cases + result.cases, outcomes }
}

/** The chunks that are left, with their places, in order. */
export function chunksLeft(
  { next, ahead }: RunState,
  chunks: readonly Chunk[],
): readonly (readonly [index: number, chunk: Chunk])[] {
  const done = new Set(ahead)
  return [...chunks.entries()].filter(([index]) => index >= next && !done.has(index))
}

/** Reads where a run stopped; `undefined`: it was not begun, or has ended. */
export function readState(path: string): RunState | undefined {
  if (!existsSync(path)) return undefined
  return JSON.parse(readFileSync(path, 'utf8')) as RunState // written below
}

/** Writes where a run is, whole or not at all. */
export function saveState(path: string, state: RunState): void {
  writeFileSync(`${path}.new`, JSON.stringify(state))
  renameSync(`${path}.new`, path)
}

/** Of a run that has ended nothing is left to go on with. */
export function forgetState(path: string): void {
  rmSync(path, { force: true })
}
