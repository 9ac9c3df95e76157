import { createInterface } from 'node:readline'
import type { CommandIo } from './command.ts'
import { writeText } from './output.ts'

/** What somebody at a terminal said; `nobody`: there is no terminal to ask on. */
export type Consent = 'yes' | 'no' | 'nobody'

/** Asks on the terminal; whatever is not `y` or `yes` is no. */
export async function confirm(question: string, { stdin, stderr }: CommandIo): Promise<Consent> {
  if (!isTerminal(stdin)) return 'nobody'
  await writeText(stderr, `${question} [y/N] `)
  // Not readline's own terminal mode, which would keep Ctrl-C from ending the program.
  const lines = createInterface({ input: stdin, terminal: false })
  try {
    for await (const line of lines) return /^\s*y(?:es)?\s*$/i.test(line) ? 'yes' : 'no'
    return 'no'
  } finally {
    // Leaving the loop does not: a terminal that is read from keeps the program from ending.
    lines.close()
  }
}

/** Whether somebody sits there. */
export function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true
}
