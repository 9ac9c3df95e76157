import type { EpochMs } from '@keyfence/core'
import { type Finding, note, ok, problem } from './finding.ts'

/** When the last fix of a version of Node comes. @see the release schedule of Node.js */
const LAST_FIX = new Map([
  [24, Date.UTC(2028, 3, 30)],
  [25, Date.UTC(2026, 5, 1)],
  [26, Date.UTC(2029, 3, 30)],
])

/** Looks whether this version of Node is still mended. @param version as `24.9.0`. */
export function checkRuntime(version: string, now: EpochMs): Finding {
  const lastFix = LAST_FIX.get(Number.parseInt(version, 10))
  if (lastFix === undefined) {
    return note('runtime', `It runs on Node ${version}, of which this Keyfence does not know more.`)
  }
  if (now < lastFix) return ok('runtime', `It runs on Node ${version}, which is still mended.`)
  const message = `It runs on Node ${version}, which gets no fixes since ${new Date(lastFix).toISOString().slice(0, 10)}.`
  return problem('runtime', message, 'Install the newest Node of an even number, and start again.')
}
