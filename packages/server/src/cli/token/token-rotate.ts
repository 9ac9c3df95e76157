import type { Command } from 'commander'
import { z } from 'zod'
import { type AppliedNodes, WAITED } from '../../api/schema/applied-nodes.ts'
import { TokenShown } from '../../api/schema/token.ts'
import { systemClock } from '../../fence/clock.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { tokenId } from '../identifiers.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { isDone, reportRefusal } from '../refusal.ts'
import { showSecret } from '../show-secret.ts'
import { timeText } from '../time-text.ts'
import { toDurationMs } from '../token-options.ts'

/** `keyfence token rotate`. */
export function registerTokenRotate(token: Command, run: CommandRun): void {
  const rotate = token
    .command('rotate')
    .description('give a token a new secret, which is shown this once; the old one ends')
    .argument('<id>', 'its id, tok_…')
    .option(
      '--overlap <DURATION>',
      'how long the old one lives on: 15m, 24h, at most 30d; by default it ends at once',
      toDurationMs,
    )
    .addHelpText('after', EXAMPLES)
  managed(rotate, run, rotateToken)
}

const EXAMPLES = `
Examples:
  keyfence token rotate tok_019a2b3c-0000-7000-8000-000000000000 --overlap 24h
      Both work for a day. At most two live: rotating again ends the older at once.`

async function rotateToken(run: ManagedRun<{ readonly overlap?: number }>): Promise<ExitCode> {
  const { management, options, io } = run
  const { overlap: overlapMs, json } = options
  const id = tokenId(run)
  const answer = await management.ask('POST', `/v1/tokens/${id}/rotate`, { body: { overlapMs } })
  if (!isDone(answer)) return reportRefusal(answer, { io, json })
  const rotated = readAnswer(Rotated, answer.body)
  return showSecret(
    {
      kind: 'token',
      secret: rotated.secret,
      facts: [
        ['Id', rotated.id],
        ['Name', rotated.name],
        ['Owner', rotated.owner],
        ['Old secret ends', timeText(rotated.previousSecretEndsAt, systemClock.now())],
        ...behind(rotated.nodes ?? []),
      ],
      answer: answer.body,
      otherwise: 'Rotate the token again.',
    },
    { io, json },
  )
}

/** Where the new secret is refused for a moment yet. */
function behind(nodes: z.infer<typeof AppliedNodes>): [label: string, value: string][] {
  const names = nodes.flatMap(({ state, name, id }) => (state === 'pending' ? [name ?? id] : []))
  return names.length === 0 ? [] : [['Not known yet to', names.join(', ')]]
}

const Rotated = TokenShown.extend({
  secret: z.string(),
  previousSecretEndsAt: z.string(),
  ...WAITED,
})
