import type { Command } from 'commander'
import { z } from 'zod'
import { Warnings } from '../../api/schema/restrictions.ts'
import { TokenShown } from '../../api/schema/token.ts'
import { systemClock } from '../../fence/clock.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { isDone, reportRefusal } from '../refusal.ts'
import {
  addEntryOptions,
  addOnOptions,
  type EntryOptions,
  type OnOptions,
  typedRestrictions,
} from '../restriction-options.ts'
import { showSecret } from '../show-secret.ts'
import { addTokenOptions, expiresAtOf, type TokenOptions } from '../token-options.ts'
import { warningLines } from '../warning-lines.ts'
import { writeText } from '../output.ts'

/** `keyfence token create`. */
export function registerTokenCreate(token: Command, run: CommandRun): void {
  const create = token
    .command('create')
    .description('issue a token; its secret is shown this once')
    .requiredOption('--name <NAME>', 'what people call it')
    .requiredOption('--owner <OWNER>', 'the customer whose token it is, by their id in your system')
    .optionsGroup('Where it may be used (a list is on once it has an entry):')
  addOnOptions(addEntryOptions(create)).optionsGroup('Options:')
  addTokenOptions(create)
    .option('--report-only', 'record what the lists would refuse, and let it through')
    .addHelpText('after', EXAMPLES)
  managed(create, run, createToken)
}

interface CreateOptions extends EntryOptions, OnOptions, TokenOptions {
  readonly name: string
  readonly owner: string
  readonly reportOnly?: true
}

const EXAMPLES = `
Examples:
  keyfence token create --name shop --owner acme --domain example.com --ip 8.8.8.8
      Works on pages of example.com, and on the server at 8.8.8.8.
  keyfence token create --name trial --owner acme --domain-with-subdomains example.com --expires-in 30d
  keyfence token create --name ci --owner acme --json | jq -r .secret

Exit codes: 0 created, 1 refused (an entry that cannot be listed), 2 wrong use or unreachable.`

async function createToken(run: ManagedRun<CreateOptions>): Promise<ExitCode> {
  const { options, management, io } = run
  const restrictions = typedRestrictions(options)
  const expiresAt = expiresAtOf(options, systemClock.now())
  const body = {
    name: options.name,
    owner: options.owner,
    metadata: options.metadata,
    notBefore: options.notBefore,
    expiresAt,
    mode: options.reportOnly ? 'report' : undefined,
    restrictions,
  }
  const answer = await management.ask('POST', '/v1/tokens', { body })
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json, restrictions })
  const created = readAnswer(Created, answer.body)
  await writeText(io.stderr, warningLines(created.warnings, restrictions))
  return showSecret(
    {
      kind: 'token',
      secret: created.secret,
      facts: [
        ['Id', created.id],
        ['Name', created.name],
        ['Owner', created.owner],
        ['Use', created.worksFrom],
      ],
      answer: answer.body,
      otherwise: `Make another with: keyfence token rotate ${created.id}`,
    },
    { io, json: options.json },
  )
}

const Created = TokenShown.extend({ secret: z.string(), warnings: Warnings })
