import type { Command } from 'commander'
import type { Parsed } from '@keyfence/core'
import { configToJson, printConfig } from '../config/print-config.ts'
import { type EffectiveConfig, readConfig } from '../config/read-config.ts'
import type { ConfigProblem } from '../config/written.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { writeJson, writeText } from './output.ts'
import { printable } from './printable.ts'
import { addSettingFlags, settingFlags } from './setting-flags.ts'

/** `keyfence config print` and `keyfence config check`. */
export function registerConfig(program: Command, { io, finish }: CommandRun): void {
  const config = program.command('config').description('show or check the settings')
  addSettingFlags(config.command('print'))
    .description('show the settings in force, and where each comes from; secrets as ***')
    .option('--json', 'print JSON')
    .addHelpText('after', PRINT_EXAMPLES)
    .action(async (options: JsonOption, command: Command) => {
      finish(await printSettings(settingsOf(command, io), options, io))
    })
  addSettingFlags(config.command('check'))
    .description('say everything that is wrong with the settings; exit code 1 if anything is')
    .option('--json', 'print JSON')
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (options: JsonOption, command: Command) => {
      finish(await checkSettings(settingsOf(command, io), options, io))
    })
}

/** The settings that a command line, the environment and the file make together. */
export function settingsOf(
  command: Command,
  { env, readFile }: CommandIo,
): Parsed<EffectiveConfig, readonly ConfigProblem[]> {
  const { flags, strays } = settingFlags(command)
  const read = readConfig({ flags, env, readFile })
  const problems = [...strays.map(strayArgument), ...(read.ok ? [] : read.problem)]
  return problems.length > 0 ? { ok: false, problem: problems } : read
}

/** Problems as lines: where, and what to do. */
export function problemLines(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ place, message }) => `${printable(place).slice(0, PLACE_LENGTH_MAX)}: ${message}\n`)
    .join('')
}

const PLACE_LENGTH_MAX = 200

interface JsonOption {
  readonly json?: true
}

const PRINT_EXAMPLES = `
Examples:
  keyfence config print --max-ips 10
  KEYFENCE_MAX_IPS=10 keyfence config print --json`

const CHECK_EXAMPLES = `
Examples:
  keyfence config check --config /etc/keyfence.json && systemctl restart keyfence`

async function printSettings(
  read: Parsed<EffectiveConfig, readonly ConfigProblem[]>,
  { json }: JsonOption,
  { stdout, stderr }: CommandIo,
): Promise<ExitCode> {
  if (!read.ok) {
    await (json ? writeJson(stdout, { problems: read.problem }) : undefined)
    await writeText(stderr, problemLines(read.problem))
    return 2
  }
  await (json
    ? writeJson(stdout, configToJson(read.value))
    : writeText(stdout, printConfig(read.value)))
  return 0
}

async function checkSettings(
  read: Parsed<EffectiveConfig, readonly ConfigProblem[]>,
  { json }: JsonOption,
  { stdout }: CommandIo,
): Promise<ExitCode> {
  const problems = read.ok ? [] : read.problem
  if (json) await writeJson(stdout, { ok: read.ok, problems })
  else await writeText(stdout, read.ok ? 'The settings are in order.\n' : problemLines(problems))
  return read.ok ? 0 : 1
}

function strayArgument(argument: string): ConfigProblem {
  return { code: 'unknown_name', place: argument, message: 'settings are given as --name VALUE.' }
}
