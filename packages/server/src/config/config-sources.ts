import { type ReadSettingsFile, writtenInFile } from './config-file.ts'
import type { SettingName } from './config.ts'
import { isServiceLink } from './service-link.ts'
import { flagName, VARIABLE_PREFIX, variableName } from './setting-name.ts'
import { CONFIG_FILE, SETTING_NAMES, SETTINGS } from './settings.ts'
import {
  type ConfigProblem,
  splitList,
  unknownName,
  type Written,
  type WrittenSettings,
} from './written.ts'

/** Everything that settings are read from. */
export interface ConfigSources {
  /** By name without dashes, each value in order; a flag without a value is `true`. */
  readonly flags: Readonly<Record<string, readonly string[]>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: ReadSettingsFile
}

/** Gathers what flags, environment and file say, and refuses the names that none of ours is. */
export function writtenSettings(sources: ConfigSources): WrittenSettings {
  const flags = writtenAsFlags(sources.flags)
  const variables = writtenAsVariables(sources.env)
  const path = filePath(sources)
  const file = path === undefined ? NOTHING : writtenInFile(path, sources.readFile)
  return {
    written: new Map([...file.written, ...variables.written, ...flags.written]),
    problems: [...flags.problems, ...variables.problems, ...file.problems],
  }
}

const NOTHING: WrittenSettings = { written: new Map(), problems: [] }

const BY_FLAG = new Map(SETTING_NAMES.map((name) => [flagName(name), name]))
const BY_VARIABLE = new Map(SETTING_NAMES.map((name) => [variableName(name), name]))

function filePath({ flags, env }: ConfigSources): string | undefined {
  const flag = new Map(Object.entries(flags)).get(flagName(CONFIG_FILE))
  return flag?.at(-1) ?? env[variableName(CONFIG_FILE)]
}

function writtenAsFlags(flags: ConfigSources['flags']): WrittenSettings {
  const written = new Map<SettingName, Written>()
  const problems: ConfigProblem[] = []
  for (const [flag, values] of Object.entries(flags)) {
    if (flag === flagName(CONFIG_FILE)) continue
    const place = `--${flag}`
    const name = BY_FLAG.get(flag)
    if (name === undefined) {
      problems.push(unknownName(place, flag, (setting) => `--${flagName(setting)}`))
    } else if (SETTINGS[name].isSecret) {
      const message = `a command line is no place for secrets: others can list it. Set ${variableName(name)}.`
      problems.push({ code: 'secret_exposed', place, message })
    } else {
      written.set(name, { source: 'flag', place, elements: elementsOf(values, name) })
    }
  }
  return { written, problems }
}

function writtenAsVariables(env: ConfigSources['env']): WrittenSettings {
  const written = new Map<SettingName, Written>()
  const problems: ConfigProblem[] = []
  for (const [place, value] of Object.entries(env)) {
    if (!place.startsWith(VARIABLE_PREFIX) || value === undefined) continue
    if (place === variableName(CONFIG_FILE) || isServiceLink(place, value)) continue
    const name = BY_VARIABLE.get(place)
    if (name === undefined) {
      problems.push(unknownName(place, place.slice(VARIABLE_PREFIX.length), variableName))
    } else {
      written.set(name, { source: 'environment', place, elements: elementsOf([value], name) })
    }
  }
  return { written, problems }
}

function elementsOf(values: readonly string[], name: SettingName): readonly string[] {
  return SETTINGS[name].shape === 'list' ? values.flatMap(splitList) : values
}
