import { type Command, type Help, Option } from 'commander'
import { SETTING_GROUPS } from '../config/setting.ts'
import { flagName, variableName } from '../config/setting-name.ts'
import { CONFIG_FILE, SETTING_NAMES, SETTINGS } from '../config/settings.ts'
import type { SettingName } from '../config/config.ts'

/** Flags as `readConfig` takes them. */
export type Flags = Readonly<Record<string, readonly string[]>>

/**
 * Gives a command a flag for every setting that may have one, with its twin in the environment.
 * Unknown flags are let through: `readConfig` refuses them together with everything else.
 */
export function addSettingFlags(command: Command): Command {
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .configureHelp({ formatItem, optionDescription: ({ description }) => description })
  command.addOption(
    collecting(`--${flagName(CONFIG_FILE)} <FILE>`, 'a JSON file of settings', CONFIG_FILE),
  )
  for (const group of SETTING_GROUPS) {
    const names = SETTING_NAMES.filter((name) => SETTINGS[name].group === group)
    for (const name of names.filter((candidate) => !SETTINGS[candidate].isSecret)) {
      command.addOption(settingOption(name).helpGroup(`${group}:`))
    }
  }
  return command.addHelpText('after', secretsHelp())
}

/**
 * The flags of a command line that was parsed, unknown ones included.
 * @returns as `strays`, what is no flag at all and belongs to none.
 */
export function settingFlags(command: Command): { flags: Flags; strays: readonly string[] } {
  const known = [CONFIG_FILE, ...SETTING_NAMES].flatMap((name) => {
    const values: unknown = command.getOptionValue(name)
    return Array.isArray(values) ? [[flagName(name), values.map(String)] as const] : []
  })
  const { flags, strays } = unknownFlags(command.args)
  return { flags: Object.fromEntries([...flags, ...known]), strays }
}

function settingOption(name: SettingName): Option {
  const { shape, syntax, meaning, default: text } = SETTINGS[name]
  const range = shape === 'number' ? ` ${syntax}.` : ''
  const standard = text === undefined || text === '' || text === 'false' ? '' : ` Default: ${text}.`
  const description = `${meaning}${range}${standard} [${variableName(name)}]`
  if (shape !== 'boolean') {
    const value = shape === 'number' ? 'NUMBER' : syntax
    return collecting(`--${flagName(name)} <${value}>`, description, name)
  }
  return collecting(`--${flagName(name)} [true|false]`, description, name).preset('true')
}

/** Every value in order: that a scalar was given twice is for `readConfig` to refuse. */
function collecting(flags: string, description: string, name: string): Option {
  const option = new Option(flags, description)
  option.attributeName = () => name
  return option.argParser<readonly string[] | undefined>((value, previous) => [
    ...(previous ?? []),
    value,
  ])
}

/** The flag on a line of its own: the longest would leave its meaning no room. */
function formatItem(...[term, , text, help]: Parameters<Help['formatItem']>): string {
  const width = (help.helpWidth ?? 80) - INDENT.length
  return `  ${term}\n${help.boxWrap(text, width).replace(/^/gm, INDENT)}`
}

const INDENT = '      '

function secretsHelp(): string {
  const secrets = SETTING_NAMES.filter((name) => SETTINGS[name].isSecret)
  const lines = secrets.map((name) => `  ${variableName(name)}  ${SETTINGS[name].meaning}`)
  return `\nSecrets, never as a flag:\n${lines.join('\n')}\n\nFlags go before variables, variables before the file.`
}

function unknownFlags(args: readonly string[]): {
  readonly flags: readonly (readonly [string, readonly string[]])[]
  readonly strays: readonly string[]
} {
  const flags = new Map<string, readonly string[]>()
  const strays: string[] = []
  let isAfterFlag = false
  for (const arg of args) {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(arg)
    if (match !== null) flags.set(match[1] ?? '', [match[2] ?? ''])
    else if (!isAfterFlag) strays.push(arg) // behind an unknown flag it is taken for its value
    isAfterFlag = match !== null && match[2] === undefined
  }
  return { flags: [...flags], strays }
}
