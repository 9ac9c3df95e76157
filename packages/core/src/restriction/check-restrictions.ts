import type { Parsed } from '../parsed.ts'
import { checkDomainEntry } from './domain-entry.ts'
import type {
  CheckedEntry,
  EntryAge,
  EntryProblem,
  EntrySettings,
  EntryWarning,
} from './entry-problem.ts'
import { checkIpEntry } from './ip-entry.ts'
import { type DomainEntry, type IpEntry, type Restrictions, UNRESTRICTED } from './restrictions.ts'

/** An entry as it comes in; what `value` holds may be anything. */
export interface EntryInput {
  readonly value: unknown
  readonly subdomains?: boolean | undefined
  readonly label?: string | undefined
}

/** Restrictions as they come in: shapes are known, entries are not checked yet. */
export interface RestrictionsInput {
  readonly domains: { readonly enabled: boolean; readonly entries: readonly EntryInput[] }
  readonly ips: { readonly enabled: boolean; readonly entries: readonly EntryInput[] }
}

/** The settings that restrictions are checked by. */
export interface RestrictionSettings extends EntrySettings {
  /** How many domains a token may list. */
  readonly maxDomains: number
  /** How many addresses a token may list. */
  readonly maxIps: number
}

/** A refused entry and where it stands: an RFC 6901 pointer from the restrictions object. */
export interface RestrictionProblem extends EntryProblem {
  readonly path: string
}

/** A warning and where its entry stands. */
export interface RestrictionWarning extends EntryWarning {
  readonly path: string
}

/** Restrictions that may be stored, with what their owner should know. */
export interface CheckedRestrictions {
  readonly restrictions: Restrictions
  readonly warnings: readonly RestrictionWarning[]
}

/**
 * Checks and normalises both lists, those that are off too (spec §5). All problems are reported
 * together, one an entry, in input order.
 * @param stored what the token has now: entries it already has are judged by their form alone and
 *   never count as too many, so that a newer table or setting blocks no unrelated edit.
 */
export function checkRestrictions(
  input: RestrictionsInput,
  settings: RestrictionSettings,
  stored: Restrictions = UNRESTRICTED,
): Parsed<CheckedRestrictions, readonly RestrictionProblem[]> {
  const domains = checkList(input.domains.entries, {
    path: '/domains/entries',
    max: settings.maxDomains,
    stored: new Set(stored.domains.entries.map(domainKey)),
    check: (entry, age): Parsed<Checked<DomainEntry>, EntryProblem> => {
      const subdomains = entry.subdomains ?? false
      const checked = checkDomainEntry(entry.value, { settings, age, subdomains })
      return withEntry(checked, (value) => ({ value, subdomains, label: entry.label ?? '' }))
    },
    key: domainKey,
  })
  const ips = checkList(input.ips.entries, {
    path: '/ips/entries',
    max: settings.maxIps,
    stored: new Set(stored.ips.entries.map((entry) => entry.value)),
    check: (entry, age): Parsed<Checked<IpEntry>, EntryProblem> =>
      withEntry(checkIpEntry(entry.value, settings, age), (value) => ({
        value,
        label: entry.label ?? '',
      })),
    key: (entry) => entry.value,
  })
  const problems = [...domains.problems, ...ips.problems]
  if (problems.length > 0) return { ok: false, problem: problems }
  const restrictions = {
    domains: { enabled: input.domains.enabled, entries: domains.entries },
    ips: { enabled: input.ips.enabled, entries: ips.entries },
  }
  return { ok: true, value: { restrictions, warnings: [...domains.warnings, ...ips.warnings] } }
}

interface Checked<Entry> {
  readonly entry: Entry
  readonly warnings: readonly EntryWarning[]
}

interface ListRules<Entry> {
  readonly path: string
  readonly max: number
  /** Keys of the entries that the list has now. */
  readonly stored: ReadonlySet<string>
  readonly check: (entry: EntryInput, age: EntryAge) => Parsed<Checked<Entry>, EntryProblem>
  readonly key: (entry: Entry) => string
}

interface CheckedList<Entry> {
  readonly entries: readonly Entry[]
  readonly problems: readonly RestrictionProblem[]
  readonly warnings: readonly RestrictionWarning[]
}

function checkList<Entry extends { readonly value: string }>(
  inputs: readonly EntryInput[],
  rules: ListRules<Entry>,
): CheckedList<Entry> {
  const entries: Entry[] = []
  const problems: RestrictionProblem[] = []
  const warnings: RestrictionWarning[] = []
  const values = new Set<string>()
  let roomForNew = roomForNewEntries(inputs, rules)
  for (const [at, input] of inputs.entries()) {
    const path = `${rules.path}/${at}`
    const asStored = storedEntry(input, rules)
    const checked = asStored ?? admit(input, rules, roomForNew--)
    if (!checked.ok) {
      problems.push({ ...checked.problem, path })
      continue
    }
    const { entry } = checked.value
    if (values.has(entry.value)) problems.push({ ...DUPLICATE, path })
    values.add(entry.value)
    entries.push(entry)
    warnings.push(...checked.value.warnings.map((warning) => ({ ...warning, path })))
  }
  return { entries, problems, warnings }
}

/** The entry as one that the list already has, or `undefined` if it is new to it. */
function storedEntry<Entry>(
  input: EntryInput,
  rules: ListRules<Entry>,
): Extract<Parsed<Checked<Entry>, EntryProblem>, { ok: true }> | undefined {
  if (rules.stored.size === 0) return undefined
  const checked = rules.check(input, 'stored')
  return checked.ok && rules.stored.has(rules.key(checked.value.entry)) ? checked : undefined
}

function admit<Entry>(
  input: EntryInput,
  rules: ListRules<Entry>,
  room: number,
): Parsed<Checked<Entry>, EntryProblem> {
  return room > 0 ? rules.check(input, 'new') : { ok: false, problem: tooMany(rules.max) }
}

/** What the entries that stay leave of the limit; nothing, if they already pass it. */
function roomForNewEntries<Entry>(inputs: readonly EntryInput[], rules: ListRules<Entry>): number {
  const staying = inputs.filter((input) => storedEntry(input, rules) !== undefined)
  return rules.max - staying.length
}

function withEntry<Entry>(
  checked: Parsed<CheckedEntry, EntryProblem>,
  entryOf: (value: string) => Entry,
): Parsed<Checked<Entry>, EntryProblem> {
  if (!checked.ok) return checked
  const { value, warnings } = checked.value
  return { ok: true, value: { entry: entryOf(value), warnings } }
}

/** Widening a stored domain to its subdomains makes it a new entry, judged by every rule. */
function domainKey(entry: DomainEntry): string {
  return `${entry.value} ${entry.subdomains}`
}

const DUPLICATE: EntryProblem = {
  code: 'entry_duplicate',
  message: 'This entry is listed already. Remove one of the two.',
}

function tooMany(max: number): EntryProblem {
  return {
    code: 'entries_too_many',
    message: `At most ${max} entries fit. Remove one, or use one entry with its subdomains.`,
  }
}
