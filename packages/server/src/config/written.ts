import type { SettingName } from './config.ts'
import type { SettingProblem } from './setting.ts'
import { nearestName } from './setting-name.ts'
import { CONFIG_FILE, SETTING_NAMES } from './settings.ts'

/** Where the value in force came from. */
export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

/** Why settings are refused. */
export interface ConfigProblem {
  readonly code: SettingProblem['code'] | 'unknown_name' | 'secret_exposed' | 'file_unreadable'
  /** Where to look: `--max-ips`, `KEYFENCE_MAX_IPS`, `maxIps in keyfence.json`. */
  readonly place: string
  /** A sentence that says what to do. */
  readonly message: string
}

/** A setting as somebody wrote it. */
export interface Written {
  readonly source: SettingSource
  readonly place: string
  /** One text for a scalar, any number for a list. */
  readonly elements: readonly string[]
}

/** What was written of all settings, by the first source that has each. */
export interface WrittenSettings {
  readonly written: ReadonlyMap<SettingName, Written>
  readonly problems: readonly ConfigProblem[]
}

/** The elements of a list between commas, blanks around them dropped; of the empty text, none. */
export function splitList(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',').map((element) => element.trim())
}

/** The refusal of a name that no setting has; `spell` writes a setting's name as that place does. */
export function unknownName(
  place: string,
  name: string,
  spell: (setting: string) => string,
): ConfigProblem {
  const nearest = nearestName(name, [...SETTING_NAMES, CONFIG_FILE])
  const hint = nearest === undefined ? '' : ` Did you mean ${spell(nearest)}?`
  return { code: 'unknown_name', place, message: `there is no such setting.${hint}` }
}
