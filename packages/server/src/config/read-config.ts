import type { Parsed } from '@keyfence/core'
import type { Config, SettingName } from './config.ts'
import { type ConfigSources, writtenSettings } from './config-sources.ts'
import { refuseCombinations } from './dangerous-combinations.ts'
import { localPublicUrl } from './http-origin.ts'
import type { ParsedSetting, ShownValue } from './setting.ts'
import { SETTING_NAMES, SETTINGS } from './settings.ts'
import { type ConfigProblem, type SettingSource, splitList, type Written } from './written.ts'

/** The settings in force, and for each where it came from. */
export interface EffectiveConfig {
  readonly config: Config
  /** In the order of the table. */
  readonly settings: readonly EffectiveSetting[]
}

/** One setting as `config print` shows it. */
export interface EffectiveSetting {
  readonly name: SettingName
  /** A secret is `***`; `undefined` where there is none. */
  readonly shown: ShownValue | undefined
  readonly source: SettingSource
}

/**
 * Reads every setting once: flags before environment before file before default. Nothing else reads
 * the environment.
 * @returns a frozen value, or all problems at once: unknown names with the nearest known one, values
 *   that are none, and those that would undo what Keyfence is for.
 */
export function readConfig(
  sources: ConfigSources,
): Parsed<EffectiveConfig, readonly ConfigProblem[]> {
  const { written, problems } = writtenSettings(sources)
  const readings = SETTING_NAMES.map((name) => readSetting(name, written.get(name)))
  const refusals = readings.filter((reading) => reading.problem !== undefined)
  const config = withUrls(configOf(readings))
  const all = [
    ...problems,
    ...refusals.flatMap(({ problem }) => problem ?? []),
    ...refuseCombinations(config, written, new Set(refusals.map(({ name }) => name))),
  ]
  if (all.length > 0) return { ok: false, problem: all }
  const settings = readings.map(({ name, parsed, source }) => {
    const isUrl = name === 'publicUrl' || name === 'portalUrl'
    return { name, shown: isUrl ? config[name] : parsed?.shown, source }
  })
  return { ok: true, value: deepFreeze({ config, settings }) }
}

interface Reading {
  readonly name: SettingName
  readonly source: SettingSource
  /** What is used: of a refused value, the default, so that the rest can be judged. */
  readonly parsed: ParsedSetting<unknown> | undefined
  readonly problem: ConfigProblem | undefined
}

function readSetting(name: SettingName, written: Written | undefined): Reading {
  if (written === undefined) {
    return { name, source: 'default', parsed: parsedDefault(name), problem: undefined }
  }
  const { source, place } = written
  const parsed = SETTINGS[name].parse(written.elements)
  if (parsed.ok) return { name, source, parsed: parsed.value, problem: undefined }
  return { name, source, parsed: parsedDefault(name), problem: { ...parsed.problem, place } }
}

function parsedDefault(name: SettingName): ParsedSetting<unknown> | undefined {
  const { default: text, shape, parse } = SETTINGS[name]
  if (text === undefined) return undefined
  const parsed = parse(shape === 'list' ? splitList(text) : [text])
  if (!parsed.ok) throw new Error(`the default of ${name} is refused: ${parsed.problem.message}`)
  return parsed.value
}

function configOf(readings: readonly Reading[]): Config {
  const entries = readings.map(({ name, parsed }) => [name, parsed?.value])
  // Each value was made by the setting of its name; SettingTable ties its type to the member's.
  return Object.fromEntries(entries) as Config
}

/** The defaults that depend on another setting. */
function withUrls(config: Config): Config {
  const { adminListen, portalListen, portalUrl } = config
  // Missing until now, whatever the type says: the table has no default for it.
  const given: Config['publicUrl'] | undefined = config.publicUrl
  const ofPortal = portalListen === undefined ? undefined : localPublicUrl(portalListen.port)
  return {
    ...config,
    publicUrl: given ?? localPublicUrl(adminListen.port),
    portalUrl: portalUrl ?? ofPortal,
  }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
