import { type Command, Option } from 'commander'
import { z } from 'zod'
import { SCOPES } from '../access/management-key.ts'
import { systemClock } from '../fence/clock.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { keyIds } from './identifiers.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { isDone, reportRefusal } from './refusal.ts'
import { collect } from './restriction-options.ts'
import { showItems } from './show-items.ts'
import { showSecret } from './show-secret.ts'
import { tableText } from './table.ts'
import { relativeTime } from './time-text.ts'
import { toLimit } from './token-options.ts'

/** `keyfence key create`, `list` and `revoke`. */
export function registerKey(program: Command, run: CommandRun): void {
  const key = program
    .command('key')
    .description('keys for the management API, for automation and other machines')
  const create = key
    .command('create')
    .description('make a key, which is shown this once')
    .requiredOption('--name <NAME>', 'what it is for')
    .addOption(
      new Option('--scope <SCOPE>', `${SCOPES.join(', ')}; may be repeated`)
        .argParser(collect)
        .makeOptionMandatory(),
    )
    .option('--owner <OWNER>', 'it sees the tokens of this customer and nothing else')
    .addHelpText('after', CREATE_EXAMPLES)
  managed(create, run, createKey)
  const list = key
    .command('list')
    .description('list keys in the order of their creation')
    .option('--limit <NUMBER>', 'how many at most', toLimit, 50)
    .addHelpText('after', '\nExamples:\n  keyfence key list --json')
  managed(list, run, listKeys)
  const revoke = key
    .command('revoke')
    .description('refuse a key for good, at once')
    .argument('<id>', 'its id, key_…')
    .addHelpText(
      'after',
      '\nExamples:\n  keyfence key revoke key_019a2b3c-0000-7000-8000-000000000000',
    )
  managed(revoke, run, revokeKey)
}

interface KeyOptions {
  readonly name: string
  readonly scope: readonly string[]
  readonly owner?: string
}

const CREATE_EXAMPLES = `
Examples:
  keyfence key create --name automation --scope read --scope write
  keyfence key create --name 'dashboard of acme' --scope read --scope write --owner acme

Scopes: read sees, write changes, feed follows every change (guards), decide asks for decisions.
Elsewhere, put the key into KEYFENCE_MANAGEMENT_KEY and name this machine with --management-url.`

const KeyShown = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  scopes: z.array(z.string()),
  owner: z.string().nullable(),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
})

async function createKey({ management, options, io }: ManagedRun<KeyOptions>): Promise<ExitCode> {
  const { name, scope: scopes, owner, json } = options
  const answer = await management.ask('POST', '/v1/keys', { body: { name, scopes, owner } })
  if (!isDone(answer)) return reportRefusal(answer, { io, json })
  const key = readAnswer(KeyShown.extend({ secret: z.string() }), answer.body)
  return showSecret(
    {
      kind: 'key',
      secret: key.secret,
      facts: [
        ['Id', key.id],
        ['Name', key.name],
        ['Scopes', key.scopes.join(', ')],
        ['Owner', key.owner ?? 'any'],
      ],
      answer: answer.body,
      otherwise: `Revoke it with: keyfence key revoke ${key.id}`,
    },
    { io, json },
  )
}

function listKeys(run: ManagedRun<{ readonly limit: number }>): Promise<ExitCode> {
  const asked = { path: '/v1/keys', filter: {}, limit: run.options.limit }
  return showItems(run, asked, (items) => {
    const keys = items.map((item) => readAnswer(KeyShown, item))
    const now = systemClock.now()
    const columns = [
      { title: 'ID' },
      { title: 'NAME', mayShrink: true },
      { title: 'OWNER', mayShrink: true },
      { title: 'SCOPES', mayShrink: true },
      { title: 'STATE' },
    ]
    const rows = keys.map((key) => [
      key.id,
      key.name,
      key.owner ?? 'any',
      key.scopes.join(', '),
      key.revokedAt === null ? `made ${relativeTime(Date.parse(key.createdAt), now)}` : 'revoked',
    ])
    return tableText(columns, rows)
  })
}

async function revokeKey(run: ManagedRun<object>): Promise<ExitCode> {
  const { management, options, io } = run
  const [id] = keyIds(run)
  const answer = await management.ask('POST', `/v1/keys/${id}/revoke`)
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  await (options.json ? writeJson(io.stdout, answer.body) : writeText(io.stdout, `${id} revoked\n`))
  return 0
}
