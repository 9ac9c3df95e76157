import { appendFileSync } from 'node:fs'

/** What a test of a fault promised, and saw. */
export interface RecordedFault {
  /** As docs/reliability.md counts them: `F2`. */
  readonly fault: string
  /** What was done. */
  readonly done: string
  readonly promised: string
  readonly seen: string
}

// Where it is written is said where a run is started: `npm run faults`.
const { KEYFENCE_FAULTS_FILE, KEYFENCE_FULL_LENGTH } = process.env

/** Whether faults last as long, and come as often, as they are promised; else seconds, and few. */
export const IS_FULL_LENGTH = KEYFENCE_FULL_LENGTH === '1'

/** Prints a row, and adds it to the file of the run as one line: tests of several processes write it. */
export function recordFault(row: RecordedFault): void {
  process.stdout.write(
    `${row.fault} ${row.done}\n  promised: ${row.promised}\n  seen: ${row.seen}\n`,
  )
  if (KEYFENCE_FAULTS_FILE !== undefined) {
    appendFileSync(
      KEYFENCE_FAULTS_FILE,
      `${JSON.stringify({ ...row, isFullLength: IS_FULL_LENGTH })}\n`,
    )
  }
}
