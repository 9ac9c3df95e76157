import type { Command } from 'commander'
import type { TokenId } from '../../identifier/identifier.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { confirm } from '../confirm.ts'
import { tokenIds } from '../identifiers.ts'
import { type ManagedRun, managed } from '../managed.ts'
import type { ManagementAnswer } from '../management-client.ts'
import { writeJson, writeText } from '../output.ts'
import { isDone, reportRefusal } from '../refusal.ts'

/** `keyfence token revoke`, `disable`, `enable` and `delete`. */
export function registerTokenStatus(token: Command, run: CommandRun): void {
  for (const verb of VERBS) {
    const command = token
      .command(verb.name)
      .description(verb.description)
      .argument('<id...>', 'their ids, tok_…')
      .addHelpText('after', examples(verb.name))
    if (verb.asks) command.option('--yes', 'do not ask')
    managed<StatusOptions>(command, run, (managedRun) => changeEach(managedRun, verb))
  }
}

interface StatusOptions {
  readonly yes?: true
}

interface Verb {
  readonly name: string
  readonly description: string
  readonly done: string
  readonly asks: boolean
  /** Method and path of the question. */
  readonly question: (id: TokenId) => readonly [method: string, path: string]
}

const VERBS: readonly Verb[] = [
  statusVerb('revoke', 'refuse tokens for good, both of their secrets', 'revoked'),
  statusVerb('disable', 'refuse tokens until they are enabled again', 'disabled'),
  statusVerb('enable', 'undo disable', 'enabled'),
  {
    name: 'delete',
    description: 'delete tokens; their secrets are never accepted again',
    done: 'deleted',
    asks: true,
    question: (id) => ['DELETE', `/v1/tokens/${id}`],
  },
]

function statusVerb(name: string, description: string, done: string): Verb {
  const question = (id: TokenId) => ['POST', `/v1/tokens/${id}/${name}`] as const
  return { name, description, done, asks: false, question }
}

function examples(name: string): string {
  return `
Examples:
  keyfence token ${name} tok_019a2b3c-0000-7000-8000-000000000000

Each is told by itself. Exit codes: 0 all done, 1 one was refused, 2 wrong use or unreachable.`
}

async function changeEach(run: ManagedRun<StatusOptions>, verb: Verb): Promise<ExitCode> {
  const { management, options, io } = run
  const ids = [...new Set(tokenIds(run))]
  if (verb.asks && !options.yes && !(await isConfirmed(run, ids))) return 1
  const outcomes: object[] = []
  let exitCode: ExitCode = 0
  for (const id of ids) {
    const answer = await management.ask(...verb.question(id))
    outcomes.push(outcomeOf(id, answer))
    if (isDone(answer) && !options.json) await writeText(io.stdout, `${id} ${verb.done}\n`)
    if (isDone(answer)) continue
    const code = await reportRefusal(answer, { io, subject: id })
    if (code > exitCode) exitCode = code
  }
  if (options.json) await writeJson(io.stdout, outcomes)
  return exitCode
}

async function isConfirmed(
  { io, wrongUse }: ManagedRun<StatusOptions>,
  ids: readonly TokenId[],
): Promise<boolean> {
  const consent = await confirm(`Delete ${ids.join(', ')} for good?`, io)
  if (consent === 'nobody') wrongUse('deleting is for good: say --yes')
  if (consent === 'no') await writeText(io.stderr, 'Nothing was deleted.\n')
  return consent === 'yes'
}

function outcomeOf(id: TokenId, answer: ManagementAnswer): object {
  return isDone(answer) ? { id, ok: true } : { id, ok: false, problem: answer.body }
}
