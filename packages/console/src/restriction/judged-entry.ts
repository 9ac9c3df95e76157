import type { EntryProblem, EntryWarning } from '@keyfence/core'
import type { ListEntry } from './draft.ts'

/** What became of one entry of a paste. */
export type JudgedEntry =
  | {
      readonly ok: true
      readonly text: string
      readonly entry: ListEntry
      readonly warnings: readonly EntryWarning[]
    }
  | { readonly ok: false; readonly text: string; readonly problem: EntryProblem }

/** The entries that were taken. */
export function takenEntries(judged: readonly JudgedEntry[]): ListEntry[] {
  return judged.flatMap((one) => (one.ok ? [one.entry] : []))
}

/** What was not taken, one a line, so that it can stay in the box. */
export function refusedText(judged: readonly JudgedEntry[]): string {
  return judged.flatMap((one) => (one.ok ? [] : [one.text])).join('\n')
}
