import type { Parsed } from '@keyfence/core'
import type { SettingName } from './config.ts'
import { SETTING_NAMES, SETTINGS } from './settings.ts'
import {
  type ConfigProblem,
  splitList,
  unknownName,
  type Written,
  type WrittenSettings,
} from './written.ts'

/**
 * What a JSON file of settings says: one object, members named as in `Config`, values of the JSON
 * type that each setting has. A secret in it is refused unless its owner alone may read the file.
 */
export function writtenInFile(path: string, readFile: ReadSettingsFile): WrittenSettings {
  const file = readFile(path)
  if (!file.ok) return refusedFile(path, file.problem)
  const members = parseMembers(file.value.text)
  if (!members.ok) return refusedFile(path, members.problem)
  const written = new Map<SettingName, Written>()
  const problems: ConfigProblem[] = []
  for (const [member, value] of members.value) {
    const setting = writtenAsMember({ member, value, path, file: file.value })
    if (setting.ok) written.set(setting.value.name, setting.value)
    else problems.push(setting.problem)
  }
  return { written, problems }
}

/** Reads a whole file; its problem is a sentence about the file. */
export type ReadSettingsFile = (path: string) => Parsed<SettingsFile, string>

/** A file of settings as it was found. */
export interface SettingsFile {
  readonly text: string
  /** Permission bits, as `stat` has them. */
  readonly mode: number
}

const FILE_LENGTH_MAX = 1024 * 1024

function parseMembers(text: string): Parsed<readonly (readonly [string, unknown])[], string> {
  if (text.length > FILE_LENGTH_MAX) return { ok: false, problem: 'is larger than 1 MiB.' }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { ok: true, value: Object.entries(value) }
    }
  } catch {
    return { ok: false, problem: 'is not JSON.' }
  }
  return { ok: false, problem: 'must hold one JSON object, like {"maxDomains": 5}.' }
}

function refusedFile(path: string, message: string): WrittenSettings {
  return { written: new Map(), problems: [{ code: 'file_unreadable', place: path, message }] }
}

interface Member {
  readonly member: string
  readonly value: unknown
  readonly path: string
  readonly file: SettingsFile
}

function writtenAsMember({
  member,
  value,
  path,
  file,
}: Member): Parsed<Written & { readonly name: SettingName }, ConfigProblem> {
  const place = `${member} in ${path}`
  const name = SETTING_NAMES.find((candidate) => candidate === member)
  if (name === undefined) {
    return { ok: false, problem: unknownName(place, member, (setting) => setting) }
  }
  if (SETTINGS[name].isSecret && isReadByOthers(file)) {
    const message = `holds a secret, and others may read the file. Run: chmod 600 ${path}`
    return { ok: false, problem: { code: 'secret_exposed', place, message } }
  }
  const elements = elementsOf(value, SETTINGS[name].shape)
  if (elements !== undefined) return { ok: true, value: { name, source: 'file', place, elements } }
  const message = `write ${JSON_TYPES[SETTINGS[name].shape]}.`
  return { ok: false, problem: { code: 'bad_value', place, message } }
}

const JSON_TYPES = {
  boolean: 'true or false',
  number: 'a number',
  text: 'a string',
  list: 'an array of strings',
} as const

function isReadByOthers({ mode }: SettingsFile): boolean {
  return (mode & 0o077) !== 0
}

function elementsOf(value: unknown, shape: keyof typeof JSON_TYPES): readonly string[] | undefined {
  if (shape !== 'list') {
    const isOfType = typeof value === (shape === 'text' ? 'string' : shape)
    return isOfType ? [String(value)] : undefined
  }
  if (typeof value === 'string') return splitList(value)
  if (!Array.isArray(value)) return undefined
  const elements: readonly unknown[] = value
  return elements.every((element) => typeof element === 'string') ? elements : undefined
}
