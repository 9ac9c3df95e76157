import type { TokenActivity } from '../api/client.ts'
import type { ListEntry } from './draft.ts'
import type { ListKind } from './list-kind.ts'

type Seen = TokenActivity['seen'][number]

/** A value that calls came from and that is not in the list. */
export interface SeenSuggestion {
  readonly value: string
  readonly count: number
  readonly lastAt: string
}

/** What was seen and may be added to a list, most calls first. */
export function seenSuggestions(
  seen: readonly Seen[],
  kind: ListKind,
  entries: readonly ListEntry[],
): SeenSuggestion[] {
  const listed = new Set(entries.map(({ value }) => value))
  return seen.flatMap(({ kind: seenKind, value, count, lastAt }) => {
    if (seenKind !== KINDS[kind] || value === null || listed.has(value)) return []
    return [{ value, count, lastAt }]
  })
}

const KINDS = { domains: 'domain', ips: 'address' } as const

/**
 * Pages that were seen over http alone, where only https ones may match (spec §3): listed, they would
 * be refused all the same.
 */
export function pagesOverHttp(seen: readonly Seen[]): ReadonlySet<string> {
  const valuesOf = (wanted: Seen['kind']): string[] =>
    seen.flatMap(({ kind, value }) => (kind === wanted && value !== null ? [value] : []))
  const overHttps = new Set(valuesOf('domain'))
  return new Set(valuesOf('http_domain').filter((value) => !overHttps.has(value)))
}

/** Why such a page is not offered. */
export const OVER_HTTP = 'Served over http: only https pages may match here.'

/** When the last call came that an entry matches; `undefined` if none is known. */
export function lastMatched(entry: ListEntry, seen: readonly Seen[]): string | undefined {
  const times = seen.filter(
    ({ kind, value }) => kind !== 'http_domain' && value !== null && matches(entry, value),
  )
  return times
    .map(({ lastAt }) => lastAt)
    .sort()
    .at(-1)
}

/** Whether an entry names a value that was seen, or covers it; addresses within a block are not told. */
export function matches({ value, subdomains = false }: ListEntry, seen: string): boolean {
  if (value.startsWith('*.')) return seen.endsWith(value.slice(1))
  return seen === value || (subdomains && seen.endsWith(`.${value}`))
}
