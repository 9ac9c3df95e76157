import { setTimeout as delay } from 'node:timers/promises'

/** Work that is begun so often, whether what began earlier has ended or not. */
export interface SteadyLoad {
  readonly perSecond: number
  readonly durationMs: number
  /** With so many at a time no more is begun: what cannot keep up must not fill the memory. */
  readonly openMax: number
}

/** What became of it. */
export interface LoadTimes {
  /** How long each took, in milliseconds. */
  readonly timesMs: readonly number[]
  /** How many were done in a second, on average. */
  readonly perSecond: number
  /** How many failed; their times are not among the others. */
  readonly failed: number
}

/** With more of all, something else is wrong than that a busy machine comes late. */
const FAILED_PART_MAX = 0.1

/**
 * Begins work at a fixed rate; resolves when all of it has ended.
 * @throws what the first throws that fails, if a tenth does
 */
export async function steadyLoad(load: SteadyLoad, work: () => Promise<void>): Promise<LoadTimes> {
  const { perSecond, durationMs, openMax } = load
  const began = performance.now()
  const open = new Set<Promise<void>>()
  const timesMs: number[] = []
  const failures: unknown[] = []
  const doOne = async (): Promise<void> => {
    const startedMs = performance.now()
    try {
      await work()
      timesMs.push(performance.now() - startedMs)
    } catch (error) {
      failures.push(error)
    }
  }
  for (let begun = 0; begun < (perSecond * durationMs) / 1000; begun++) {
    const waitMs = (begun * 1000) / perSecond - (performance.now() - began)
    if (waitMs > 0) await delay(waitMs)
    if (open.size >= openMax) await Promise.race(open)
    if (performance.now() - began > durationMs) break
    const one = doOne().finally(() => open.delete(one))
    open.add(one)
  }
  await Promise.all(open)
  const failed = failures.length
  if (failed > FAILED_PART_MAX * (failed + timesMs.length)) throw failures[0]
  return { timesMs, perSecond: (timesMs.length * 1000) / (performance.now() - began), failed }
}
