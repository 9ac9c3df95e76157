import type { CommandIo, ExitCode } from './command.ts'
import { writeJson, writeText } from './output.ts'
import { factsText } from './table.ts'

/** A secret that is shown this once, and what it belongs to. */
export interface ShownSecret {
  readonly kind: 'token' | 'key'
  readonly secret: string
  readonly facts: Parameters<typeof factsText>[0]
  /** For programs: everything, the secret as `secret`. */
  readonly answer: unknown
  /** What to do if nobody reads it. */
  readonly otherwise: string
}

/** Shows a secret alone on its line, the only time that it can be. */
export async function showSecret(
  { kind, secret, facts, answer, otherwise }: ShownSecret,
  { io, json }: { readonly io: CommandIo; readonly json: true | undefined },
): Promise<ExitCode> {
  const sentence = `The ${kind} is shown this once; only its hash is kept:`
  const written = json
    ? await writeJson(io.stdout, answer)
    : await writeText(io.stdout, `${factsText(facts)}\n${sentence}\n\n${secret}\n`)
  if (written === 'written') return 0
  await writeText(
    io.stderr,
    `Nobody reads the ${kind}, and it cannot be shown again. ${otherwise}\n`,
  )
  return 2
}
