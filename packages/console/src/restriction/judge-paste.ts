import {
  checkDomainEntry,
  type CheckedEntry,
  checkIpEntry,
  type EntryProblem,
  type Parsed,
  type RestrictionSettings,
} from '@keyfence/core'
import type { ListEntry } from './draft.ts'
import type { JudgedEntry } from './judged-entry.ts'
import type { ListKind } from './list-kind.ts'
import { splitPaste } from './split-paste.ts'

/** A list, and how entries that are added to it are judged. */
export interface ListRules {
  readonly kind: ListKind
  readonly settings: RestrictionSettings
  readonly entries: readonly ListEntry[]
  /** New domains stand for their subdomains too. */
  readonly subdomains: boolean
}

/**
 * Judges what stands in the box of a list, one entry or a whole paste, by the rules of the server:
 * what fits is taken in its order, and each of the rest has its reason.
 */
export function judgePaste(text: string, rules: ListRules): JudgedEntry[] {
  const texts = splitPaste(text)
  const taken = new Set(rules.entries.map(({ value }) => value))
  const limit = rules.kind === 'domains' ? rules.settings.maxDomains : rules.settings.maxIps
  return texts.map((entryText): JudgedEntry => {
    const checked = check(entryText, rules)
    if (!checked.ok) return { ok: false, text: entryText, problem: checked.problem }
    const { value, warnings } = checked.value
    if (taken.has(value)) return { ok: false, text: entryText, problem: duplicate(value) }
    if (taken.size >= limit) return { ok: false, text: entryText, problem: tooMany(limit) }
    taken.add(value)
    return { ok: true, text: entryText, entry: newEntry(value, rules), warnings }
  })
}

function check(text: string, rules: ListRules): Parsed<CheckedEntry, EntryProblem> {
  const { kind, settings, subdomains } = rules
  if (kind === 'ips') return checkIpEntry(text, settings)
  return checkDomainEntry(text, {
    settings,
    age: 'new',
    subdomains: subdomains && !text.includes('*'),
  })
}

function newEntry(value: string, { kind, subdomains }: ListRules): ListEntry {
  if (kind === 'ips') return { value, label: '' }
  return { value, label: '', subdomains: subdomains && !value.startsWith('*.') }
}

function duplicate(value: string): EntryProblem {
  return { code: 'entry_duplicate', message: `${value} is listed already.` }
}

function tooMany(limit: number): EntryProblem {
  return { code: 'entries_too_many', message: `At most ${limit} fit. Remove one first.` }
}
