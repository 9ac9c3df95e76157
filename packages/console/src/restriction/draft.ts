import type { DomainEntry, IpEntry, Restrictions } from '@keyfence/core'
import type { ListKind } from './list-kind.ts'

/** An entry of either list, as a row of the page shows it. */
export interface ListEntry {
  readonly value: string
  readonly label: string
  /** Of domains alone. */
  readonly subdomains?: boolean
}

/** The entries of one list. */
export function entriesOf(restrictions: Restrictions, kind: ListKind): readonly ListEntry[] {
  return restrictions[kind].entries
}

/** With one list on or off; its entries stay. */
export function withSwitch(
  restrictions: Restrictions,
  kind: ListKind,
  enabled: boolean,
): Restrictions {
  return { ...restrictions, [kind]: { ...restrictions[kind], enabled } }
}

/** With other entries in one list. */
export function withEntries(
  restrictions: Restrictions,
  kind: ListKind,
  entries: readonly ListEntry[],
): Restrictions {
  const { domains, ips } = restrictions
  if (kind === 'domains') {
    return { domains: { ...domains, entries: entries.map(asDomainEntry) }, ips }
  }
  return { domains, ips: { ...ips, entries: entries.map(asIpEntry) } }
}

function asDomainEntry({ value, label, subdomains = false }: ListEntry): DomainEntry {
  return { value, label, subdomains }
}

function asIpEntry({ value, label }: ListEntry): IpEntry {
  return { value, label }
}

/** Whether both say the same, order of the entries included. */
export function isSameRestrictions(one: Restrictions, other: Restrictions): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other))
}

function canonical({ domains, ips }: Restrictions): unknown {
  return [
    domains.enabled,
    domains.entries.map(({ value, subdomains, label }) => [value, subdomains, label]),
    ips.enabled,
    ips.entries.map(({ value, label }) => [value, label]),
  ]
}

/**
 * What two people changed at once, together: theirs, with what I added, removed, labelled and
 * switched since `base` done to it as well.
 */
export function mergeRestrictions(versions: {
  readonly base: Restrictions
  readonly mine: Restrictions
  readonly theirs: Restrictions
}): Restrictions {
  return mergeList(mergeList(versions.theirs, versions, 'domains'), versions, 'ips')
}

function mergeList(
  onto: Restrictions,
  { base, mine, theirs }: { base: Restrictions; mine: Restrictions; theirs: Restrictions },
  kind: ListKind,
): Restrictions {
  const before = byValue(entriesOf(base, kind))
  const kept = byValue(entriesOf(mine, kind))
  const stillThere = entriesOf(theirs, kind).filter(
    ({ value }) => kept.has(value) || !before.has(value),
  )
  const merged = stillThere.map((entry) => changedByMe(entry, { before, kept }))
  const there = new Set(merged.map(({ value }) => value))
  const added = entriesOf(mine, kind).filter(({ value }) => !before.has(value) && !there.has(value))
  const enabled =
    mine[kind].enabled === base[kind].enabled ? theirs[kind].enabled : mine[kind].enabled
  return withSwitch(withEntries(onto, kind, [...merged, ...added]), kind, enabled)
}

function changedByMe(
  theirs: ListEntry,
  { before, kept }: { before: Map<string, ListEntry>; kept: Map<string, ListEntry> },
): ListEntry {
  const old = before.get(theirs.value)
  const mine = kept.get(theirs.value)
  if (mine === undefined || old === undefined) return theirs
  const isMineChanged = old.label !== mine.label || old.subdomains !== mine.subdomains
  return isMineChanged ? mine : theirs
}

function byValue(entries: readonly ListEntry[]): Map<string, ListEntry> {
  return new Map(entries.map((entry) => [entry.value, entry]))
}
