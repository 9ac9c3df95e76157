import type { Command } from 'commander'
import { z } from 'zod'
import type { CommandRun, ExitCode } from './command.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { isDone, reportRefusal } from './refusal.ts'

/** `keyfence admin link`. */
export function registerAdmin(program: Command, run: CommandRun): void {
  const admin = program.command('admin').description('people who sign in to the console')
  const link = admin
    .command('link')
    .description('make a link that works once, for 30 minutes, to choose a password by')
    .argument('[name]', 'whose; without it: the first administrator’s')
    .addHelpText('after', EXAMPLES)
  managed(link, run, makeLink)
}

const EXAMPLES = `
Examples:
  keyfence admin link
      For the first administrator of a new installation.
  keyfence admin link Ann
      For Ann, who forgot her password. Her sessions end when she uses it.`

const LinkShown = z.object({ link: z.string(), expiresAt: z.string() })

async function makeLink({ management, args, options, io }: ManagedRun<object>): Promise<ExitCode> {
  const [name] = args
  const answer = await management.ask('POST', '/v1/sign-in-links', { body: { name } })
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  const made = readAnswer(LinkShown, answer.body)
  if (options.json) await writeJson(io.stdout, made)
  else await writeText(io.stdout, `${made.link}\n`)
  return 0
}
