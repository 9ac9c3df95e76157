import type { Parsed } from '@keyfence/core'

/** The headings under which settings are shown, in order. */
export const SETTING_GROUPS = [
  'Listeners',
  'Owner portal',
  'Upstream',
  'Check endpoint',
  'Client address and domain',
  'Tokens and entries',
  'CORS and caching',
  'Limits on the data listener',
  'Store and nodes',
  'Activity',
  'Management',
  'Logs',
] as const

export type SettingGroup = (typeof SETTING_GROUPS)[number]

/** A value as it is shown: JSON of its own type, a list as its elements. */
export type ShownValue = boolean | number | string | readonly string[]

/** Why a value is refused: not one at all, or one that would undo what Keyfence is for. */
export interface SettingProblem {
  readonly code: 'bad_value' | 'dangerous_value'
  /** A sentence that says what to write instead. It never repeats the value, which may be a secret. */
  readonly message: string
}

/** A setting: what it means, how it is written, and how that is read. */
export interface Setting<Value> {
  readonly group: SettingGroup
  /** The JSON type that a file gives it in; `list` is an array of strings, or one with commas. */
  readonly shape: 'boolean' | 'number' | 'text' | 'list'
  /** What to write: `HOST:PORT`, or the range of a number with its unit. */
  readonly syntax: string
  /** As it would be written; `undefined`: none. */
  readonly default: string | undefined
  /** In words, where there is no default to write. */
  readonly withoutDefault: string
  readonly meaning: string
  readonly isSecret: boolean
  /** @param written one text for a scalar, any number of elements for a list. */
  readonly parse: (written: readonly string[]) => Parsed<ParsedSetting<Value>, SettingProblem>
}

/** A value for the program, and the same for people. */
export interface ParsedSetting<Value> {
  readonly value: Value
  readonly shown: ShownValue
}

/** A setting that does not know yet under which heading it stands. */
export type UngroupedSetting<Value> = Omit<Setting<Value>, 'group'>

/** Puts settings under one heading. */
export function grouped<Table extends Readonly<Record<string, UngroupedSetting<unknown>>>>(
  group: SettingGroup,
  table: Table,
): { readonly [Name in keyof Table]: Table[Name] & { readonly group: SettingGroup } } {
  const entries = Object.entries(table).map(([name, setting]) => [name, { ...setting, group }])
  // fromEntries forgets the names, which are those of `table`.
  return Object.fromEntries(entries) as {
    [Name in keyof Table]: Table[Name] & { readonly group: SettingGroup }
  }
}

/** What every kind of setting is described by. */
export interface Described {
  readonly meaning: string
  readonly default?: string
  readonly withoutDefault?: string
}

/** On or off; off by default. */
export function booleanSetting(meaning: string): UngroupedSetting<boolean> {
  const described = { meaning, default: 'false', shape: 'boolean', syntax: 'true|false' } as const
  return scalar(described, (text) => {
    const value = BOOLEANS.get(text)
    return value === undefined ? badValue('write true or false (1 or 0 will do).') : parsed(value)
  })
}

/** A whole number within a range, and 0 besides where `zeroMeans` says what that is. */
export function numberSetting(
  described: Described & {
    readonly range: readonly [min: number, max: number]
    readonly unit?: string
    readonly zeroMeans?: string
  },
): UngroupedSetting<number> {
  const { unit, zeroMeans } = described
  const [min, max] = described.range
  const range = unit === undefined ? `${min}–${max}` : `${min}–${max} ${unit}`
  const syntax = zeroMeans === undefined ? range : `${range}, or 0: ${zeroMeans}`
  return scalar({ ...described, shape: 'number', syntax }, (text) => {
    const value = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN
    const isAllowed = (value >= min && value <= max) || (value === 0 && zeroMeans !== undefined)
    return isAllowed ? parsed(value) : badValue(`write a whole number: ${syntax}.`)
  })
}

/** One of a few words. */
export function choiceSetting<Choice extends string>(
  described: Described & { readonly choices: readonly Choice[] },
): UngroupedSetting<Choice> {
  const syntax = described.choices.join('|')
  return scalar({ ...described, shape: 'text', syntax }, (text) => {
    const choice = described.choices.find((candidate) => candidate === text)
    return choice === undefined ? badValue(`write one of ${syntax}.`) : parsed(choice)
  })
}

/** One text that a parser makes a value of. */
export function textSetting<Value>(
  described: Described & {
    readonly syntax: string
    readonly isSecret?: boolean
    readonly parseText: (text: string) => Parsed<Value, string | SettingProblem>
    readonly show: (value: Value) => string
  },
): UngroupedSetting<Value> {
  return scalar({ ...described, shape: 'text' }, (text) => {
    const value = described.parseText(text)
    if (!value.ok) return refused(value.problem)
    return { ok: true, value: { value: value.value, shown: described.show(value.value) } }
  })
}

/** One text that is never shown, and is no flag. */
export function secretSetting<Value>(
  described: Described & {
    readonly syntax: string
    readonly parseText: (text: string) => Parsed<Value, string | SettingProblem>
  },
): UngroupedSetting<Value> {
  return textSetting({ ...described, isSecret: true, show: () => SHOWN_SECRET })
}

/** What stands for a secret wherever settings are shown. */
const SHOWN_SECRET = '***'

/** Elements between commas, blanks around them dropped. */
export function listSetting<Value>(
  described: Described & {
    readonly syntax: string
    readonly parseList: (elements: readonly string[]) => Parsed<Value, string | SettingProblem>
    readonly show: (value: Value) => string | readonly string[]
  },
): UngroupedSetting<Value> {
  return complete({ ...described, shape: 'list' }, (written) => {
    if (written.length > ELEMENTS_MAX) return badValue(`write at most ${ELEMENTS_MAX} entries.`)
    const value = described.parseList(written)
    if (!value.ok) return refused(value.problem)
    return { ok: true, value: { value: value.value, shown: described.show(value.value) } }
  })
}

/** Parses each element; the first that is refused names itself by its position. */
export function parseEach<Value>(
  elements: readonly string[],
  parseElement: (text: string) => Parsed<Value, string | SettingProblem>,
): Parsed<Value[], SettingProblem> {
  const values: Value[] = []
  for (const [at, element] of elements.entries()) {
    const value = parseElement(element)
    if (value.ok) {
      values.push(value.value)
      continue
    }
    const { code, message } = problemOf(value.problem)
    return { ok: false, problem: { code, message: `entry ${at + 1}: ${message}` } }
  }
  return { ok: true, value: values }
}

const ELEMENTS_MAX = 1000

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,14})$/

type Refused = { readonly ok: false; readonly problem: SettingProblem }

function scalar<Value>(
  described: Incomplete,
  parseText: (text: string) => Parsed<ParsedSetting<Value>, SettingProblem>,
): UngroupedSetting<Value> {
  return complete(described, ([text, ...others]) => {
    if (text === undefined || others.length > 0) return badValue('give one value.')
    return parseText(text)
  })
}

type Incomplete = Described &
  Pick<Setting<unknown>, 'shape' | 'syntax'> & {
    readonly isSecret?: boolean
  }

function complete<Value>(
  described: Incomplete,
  parse: Setting<Value>['parse'],
): UngroupedSetting<Value> {
  const { shape, syntax, meaning } = described
  return {
    shape,
    syntax,
    default: described.default,
    withoutDefault: described.withoutDefault ?? 'none',
    meaning,
    isSecret: described.isSecret ?? false,
    parse,
  }
}

function parsed<Value extends ShownValue>(value: Value): Parsed<ParsedSetting<Value>, never> {
  return { ok: true, value: { value, shown: value } }
}

function badValue(message: string): Refused {
  return { ok: false, problem: { code: 'bad_value', message } }
}

function refused(problem: string | SettingProblem): Refused {
  return { ok: false, problem: problemOf(problem) }
}

function problemOf(problem: string | SettingProblem): SettingProblem {
  return typeof problem === 'string' ? { code: 'bad_value', message: problem } : problem
}
