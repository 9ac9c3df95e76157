import { type Command, Option } from 'commander'
import { TokenShown } from '../../api/schema/token.ts'
import { systemClock } from '../../fence/clock.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { tokenId } from '../identifiers.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { isDone, reportRefusal } from '../refusal.ts'
import { addTokenOptions, expiresAtOf, type TokenOptions } from '../token-options.ts'
import { tokenText } from './token-show.ts'

/** `keyfence token change`. */
export function registerTokenChange(token: Command, run: CommandRun): void {
  const change = token
    .command('change')
    .description('change the name, mode, times or metadata of a token; the rest stays')
    .argument('<id>', 'its id, tok_…')
    .option('--name <NAME>', 'what people call it')
    .addOption(
      new Option(
        '--mode <MODE>',
        'report: what the lists refuse is recorded and let through',
      ).choices(['enforce', 'report']),
    )
  addTokenOptions(change)
    .addOption(new Option('--no-expiry', 'it never ends').conflicts(['expiresIn', 'expiresAt']))
    .addOption(new Option('--no-begin', 'it has begun').conflicts('notBefore'))
    .addOption(new Option('--clear-metadata', 'take all of it away').conflicts('metadata'))
    .addHelpText('after', EXAMPLES)
  managed(change, run, changeToken)
}

interface ChangeOptions extends TokenOptions {
  readonly name?: string
  readonly mode?: 'enforce' | 'report'
  /** False: `--no-expiry`. */
  readonly expiry: boolean
  /** False: `--no-begin`. */
  readonly begin: boolean
  readonly clearMetadata?: true
}

const EXAMPLES = `
Examples (ID is tok_…):
  keyfence token change ID --name 'shop, old'
  keyfence token change ID --mode report
      See what its lists would refuse before they do.
  keyfence token change ID --expires-in 24h
  keyfence token change ID --metadata plan=pro --metadata environment=live
      The metadata are these two from now on, and no others.`

async function changeToken(run: ManagedRun<ChangeOptions>): Promise<ExitCode> {
  const { management, options, io, wrongUse } = run
  const id = tokenId(run)
  const body = changesOf(options)
  if (Object.values(body).every((member) => member === undefined)) {
    wrongUse('say what to change: --name, --mode, --expires-in, --metadata, …')
  }
  const answer = await management.ask('PATCH', `/v1/tokens/${id}`, { body })
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  if (options.json) await writeJson(io.stdout, answer.body)
  else {
    const shown = readAnswer(TokenShown, answer.body)
    await writeText(io.stdout, tokenText(shown, systemClock.now()))
  }
  return 0
}

/** Members that are `undefined` are not sent; `null` takes a time away. */
function changesOf(options: ChangeOptions) {
  const { name, mode, metadata, notBefore, expiry, begin, clearMetadata } = options
  return {
    name,
    mode,
    metadata: clearMetadata ? {} : metadata,
    notBefore: begin ? notBefore : null,
    expiresAt: expiry ? expiresAtOf(options, systemClock.now()) : null,
  }
}
