import type { Restrictions } from '@keyfence/core'
import type { TokenActivity } from '../api/client.ts'
import { type ListEntry, withEntries, withSwitch } from './draft.ts'
import type { ListKind } from './list-kind.ts'
import { matches } from './seen-suggestions.ts'

type Seen = TokenActivity['seen'][number]

/** Where a call came from, as an entry of a list. */
export interface SeenPlace {
  readonly kind: ListKind
  readonly value: string
}

/** The place of what was seen; `undefined` where no entry could name it, or none would match it. */
export function placeOfSeen({ kind, value }: Seen): SeenPlace | undefined {
  if (value === null) return undefined
  if (kind === 'address') return { kind: 'ips', value }
  return kind === 'domain' ? { kind: 'domains', value } : undefined
}

/** Whether the lists allow this place as they are: nothing is left to be added for it. */
export function isListedPlace(restrictions: Restrictions, { kind, value }: SeenPlace): boolean {
  const { enabled, entries } = restrictions[kind]
  return enabled && entries.some((entry) => matches(entry, value))
}

/** With this place listed, and its list on. */
export function allowPlace(restrictions: Restrictions, place: SeenPlace): Restrictions {
  const { kind, value } = place
  const entries: readonly ListEntry[] = restrictions[kind].entries
  const isListed = entries.some((entry) => entry.value === value)
  const widened = isListed ? entries : [...entries, { value, label: '' }]
  return withSwitch(withEntries(restrictions, kind, widened), kind, true)
}
