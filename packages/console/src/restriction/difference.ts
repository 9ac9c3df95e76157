import type { Restrictions } from '@keyfence/core'
import { entriesOf, type ListEntry } from './draft.ts'
import { LIST_WORDS, type ListKind } from './list-kind.ts'

/** One line of what changes between two versions of the lists. */
export interface DifferenceLine {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly text: string
}

/** What changes from one version to the other, list by list, in words. */
export function difference(before: Restrictions, after: Restrictions): DifferenceLine[] {
  return KINDS.flatMap((kind) => [
    ...switchLine(before, after, kind),
    ...removedLines(before, after, kind),
    ...addedLines(before, after, kind),
    ...changedLines(before, after, kind),
  ])
}

const KINDS: readonly ListKind[] = ['domains', 'ips']

function switchLine(before: Restrictions, after: Restrictions, kind: ListKind): DifferenceLine[] {
  if (before[kind].enabled === after[kind].enabled) return []
  const text = `${capital(LIST_WORDS[kind].list)}: ${after[kind].enabled ? 'off → on' : 'on → off'}`
  return [{ kind: 'changed', text }]
}

function removedLines(before: Restrictions, after: Restrictions, kind: ListKind): DifferenceLine[] {
  return missing(entriesOf(before, kind), entriesOf(after, kind)).map((entry) => ({
    kind: 'removed',
    text: entryText(entry),
  }))
}

function addedLines(before: Restrictions, after: Restrictions, kind: ListKind): DifferenceLine[] {
  return missing(entriesOf(after, kind), entriesOf(before, kind)).map((entry) => ({
    kind: 'added',
    text: entryText(entry),
  }))
}

function changedLines(before: Restrictions, after: Restrictions, kind: ListKind): DifferenceLine[] {
  const old = new Map(entriesOf(before, kind).map((entry) => [entry.value, entry]))
  return entriesOf(after, kind).flatMap((entry) => {
    const was = old.get(entry.value)
    const isSame =
      was === undefined || (was.label === entry.label && was.subdomains === entry.subdomains)
    if (isSame) return []
    return [{ kind: 'changed', text: `${entryText(was)} → ${entryText(entry)}` }]
  })
}

function missing(entries: readonly ListEntry[], from: readonly ListEntry[]): ListEntry[] {
  const values = new Set(from.map(({ value }) => value))
  return entries.filter(({ value }) => !values.has(value))
}

/** An entry as a person reads it: `example.com and its subdomains (shop)`. */
export function entryText({ value, label, subdomains = false }: ListEntry): string {
  return `${value}${subdomains ? ' and its subdomains' : ''}${label === '' ? '' : ` (${label})`}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
