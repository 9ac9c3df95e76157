import { Command, CommanderError } from 'commander'
import type { CommandIo, ExitCode } from './command.ts'
import { commandsFor } from './commands.ts'
import { writeText } from './output.ts'
import { packageVersion } from './package-version.ts'

/**
 * Runs one command line.
 * @param argv what follows the program's name.
 * @returns the exit code; nothing is thrown, and the process is not ended.
 */
export async function runCli(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  // Failed writes are reported where they are waited for; without a listener they end the process.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => undefined)
  const program = keyfenceProgram(io)
  const finish = (code: ExitCode): void => {
    exitCode = code
  }
  try {
    for (const register of await commandsFor(argv)) register(program, { io, finish })
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said what was wrong, or shown the help or version that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // Never 1: a policy test in a shell would take a broken machine for a denial.
    await writeText(io.stderr, `keyfence: ${describeFailure(error)}\n`)
    return 2
  }
}

function keyfenceProgram({ stdout, stderr }: CommandIo): Command {
  return new Command('keyfence')
    .description(DESCRIPTION)
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .showHelpAfterError('Add --help for options and examples.')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .addHelpText('after', EXAMPLES)
}

const DESCRIPTION =
  'Decides where an API token may be used: on which web pages, from which servers.'

const EXAMPLES = `
Examples:
  keyfence serve --data /var/lib/keyfence --upstream http://127.0.0.1:3000
      Judge what comes to 127.0.0.1:8080, and pass it to the API on port 3000.
  keyfence token create --data /var/lib/keyfence --name shop --owner acme --domain example.com
      A token that works on pages of example.com alone.
  keyfence explain --domain example.com --origin https://example.com
      Would a token that is restricted to example.com work on that page?
  keyfence entry check domain https://www.example.com/shop
      Would this be accepted as a domain, and as what?
  keyfence config print
      Which settings are in force, and where does each come from?

Exit codes: 0 done, 1 refused or denied, 2 wrong use.`

function describeFailure(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
