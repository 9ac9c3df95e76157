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
    const isOfList = KINDS[kind].has(seenKind)
    if (!isOfList || value === null || listed.has(value)) return []
    return [{ value, count, lastAt }]
  })
}

const KINDS = {
  domains: new Set<Seen['kind']>(['domain', 'http_domain']),
  ips: new Set<Seen['kind']>(['address']),
}

/** When the last call came that an entry matches; `undefined` if none is known. */
export function lastMatched(entry: ListEntry, seen: readonly Seen[]): string | undefined {
  const times = seen.filter(({ value }) => value !== null && matches(entry, value))
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
