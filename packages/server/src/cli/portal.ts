import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { CAPABILITIES } from '../access/portal-session.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { isDone, reportRefusal } from './refusal.ts'

/** `keyfence portal link`. */
export function registerPortal(program: Command, run: CommandRun): void {
  const portal = program.command('portal').description('pages for the owners of tokens')
  const link = portal
    .command('link')
    .description('make a link that works once, for 5 minutes, to the pages of one owner')
    .requiredOption('--owner <OWNER>', 'whose tokens it shows')
    .option(
      '--can <CAPABILITY,…>',
      `what they may do beyond looking: ${CAPABILITIES.join(', ')}`,
      toWords,
      [],
    )
    .option('--return-url <URL>', 'where “Back to …” leads')
    .addHelpText('after', EXAMPLES)
  managed(link, run, makeLink)
}

const EXAMPLES = `
Examples:
  keyfence portal link --owner acme --can restrict,activity
      For the customer acme, who may change where their tokens work and see what was refused.
  keyfence portal link --owner acme --return-url https://app.example.com/tokens --json

A node serves the portal where --portal-listen says.`

interface LinkOptions {
  readonly owner: string
  readonly can: readonly string[]
  readonly returnUrl?: string
}

const LinkShown = z.object({ id: z.string(), link: z.string(), expiresAt: z.string() })

async function makeLink({ management, options, io }: ManagedRun<LinkOptions>): Promise<ExitCode> {
  const { owner, can: capabilities, returnUrl, json } = options
  const body = { owner, capabilities, returnUrl }
  const answer = await management.ask('POST', '/v1/portal-sessions', { body })
  if (!isDone(answer)) return reportRefusal(answer, { io, json })
  const made = readAnswer(LinkShown, answer.body)
  if (json) await writeJson(io.stdout, made)
  else await writeText(io.stdout, `${made.link}\n`)
  return 0
}

/** Words with commas between them; the option may be repeated. */
function toWords(text: string, previous: readonly string[]): readonly string[] {
  const known: readonly string[] = CAPABILITIES
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !known.includes(word))
  if (unknown === undefined) return [...new Set([...previous, ...words])]
  throw new InvalidArgumentError(`Write some of ${CAPABILITIES.join(', ')}.`)
}
