import { systemClock } from '../fence/clock.ts'
import type { CommandIo } from './command.ts'
import { isTerminal } from './confirm.ts'

/** Says on standard error how far a long command is. */
export interface Progress {
  /** @param text one line without its end. */
  readonly at: (text: string) => void
  /** Takes the line away, where it stands on a terminal. */
  readonly end: () => void
}

const TERMINAL_INTERVAL_MS = 100
const LOG_INTERVAL_MS = 5000

/** On a terminal one line that changes; elsewhere, in a log say, a line every few seconds. */
export function progressOn({ stderr }: CommandIo, clock = systemClock): Progress {
  const isOnTerminal = isTerminal(stderr)
  const intervalMs = isOnTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS
  let saidAtMs = clock.monotonicMs()
  let isShown = false
  return {
    at: (text) => {
      const now = clock.monotonicMs()
      if (now - saidAtMs < intervalMs) return
      saidAtMs = now
      isShown = isOnTerminal
      stderr.write(isOnTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`)
    },
    end: () => {
      if (isShown) stderr.write(CLEAR_LINE)
      isShown = false
    },
  }
}

const CLEAR_LINE = '\r\u001b[K'
