import type { ShownValue } from './setting.ts'
import { flagName } from './setting-name.ts'
import type { EffectiveConfig, EffectiveSetting } from './read-config.ts'

/** The settings in force as lines for people: flag, value, and where it came from. */
export function printConfig({ settings }: EffectiveConfig): string {
  const rows = settings.map(
    (setting) => [`--${flagName(setting.name)}`, textOf(setting.shown), setting.source] as const,
  )
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** The same for programs: by name, the value in its JSON type (`null`: none) and its source. */
export function configToJson({
  settings,
}: EffectiveConfig): Record<
  string,
  { value: ShownValue | null; source: EffectiveSetting['source'] }
> {
  return Object.fromEntries(
    settings.map(({ name, shown, source }) => [name, { value: shown ?? null, source }]),
  )
}

function textOf(shown: ShownValue | undefined): string {
  if (shown === undefined) return '-'
  if (typeof shown !== 'object') return String(shown)
  return shown.length === 0 ? '-' : shown.join(', ')
}
