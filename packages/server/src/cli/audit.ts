import type { Command } from 'commander'
import { z } from 'zod'
import type { CommandRun, ExitCode } from './command.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { printable } from './printable.ts'
import { showItems } from './show-items.ts'
import { cut, TEXT_WIDTH_MAX } from './table.ts'
import { shortTime } from './time-text.ts'
import { toLimit } from './token-options.ts'

/** `keyfence audit`. */
export function registerAudit(program: Command, run: CommandRun): void {
  const audit = program
    .command('audit')
    .description('who changed what, newest first')
    .option('--target <ID>', 'of this token or key alone')
    .option('--owner <OWNER>', 'of this customer’s tokens alone')
    .option('--limit <NUMBER>', 'how many at most', toLimit, 50)
    .addHelpText('after', EXAMPLES)
  managed(audit, run, showAudit)
}

interface AuditOptions {
  readonly target?: string
  readonly owner?: string
  readonly limit: number
}

const EXAMPLES = `
Examples:
  keyfence audit --owner acme --limit 10
  keyfence audit --target tok_019a2b3c-0000-7000-8000-000000000000 --json | jq '.items[].details'

"operator" is whoever may open the data folder, "environment" is KEYFENCE_MANAGEMENT_KEY.`

const AuditEntry = z.object({
  createdAt: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.unknown()),
})

function showAudit(run: ManagedRun<AuditOptions>): Promise<ExitCode> {
  const { target, owner, limit } = run.options
  const asked = { path: '/v1/audit', filter: { target, owner }, limit }
  return showItems(run, asked, (items) =>
    items.map((item) => entryText(readAnswer(AuditEntry, item))).join(''),
  )
}

/** Two lines: an actor and a target are too long for one. */
function entryText({ createdAt, actor, action, target, details }: z.infer<typeof AuditEntry>) {
  const first = `${shortTime(createdAt)}  ${action.padEnd(14)}  ${target}`
  const second = `  by ${actor}: ${JSON.stringify(details)}`
  return `${printable(first)}\n${cut(printable(second), TEXT_WIDTH_MAX)}\n`
}
