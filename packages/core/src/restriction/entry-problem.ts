import type { Parsed } from '../parsed.ts'

/** Why an entry is refused (spec §11). */
export const ENTRY_CODES = [
  'not_text',
  'entry_empty',
  'domain_syntax',
  'domain_is_ip',
  'domain_scheme',
  'domain_user_info',
  'domain_single_label',
  'domain_public_suffix',
  'domain_wildcard',
  'domain_too_long',
  'ip_syntax',
  'ip_has_port',
  'ip_special',
  'ip_range_not_allowed',
  'ip_range_too_wide',
  'ip_range_special',
  'entry_duplicate',
  'entries_too_many',
] as const

export type EntryCode = (typeof ENTRY_CODES)[number]

/** A refused entry: a stable code, and a sentence that says what to enter instead. */
export interface EntryProblem {
  readonly code: EntryCode
  readonly message: string
}

/** An accepted entry that may not do what its owner expects. */
export interface EntryWarning {
  readonly code: 'domain_localhost' | 'domain_lookalike' | 'ip_temporary'
  readonly message: string
}

/** The settings that entries are checked by. All off by default. */
export interface EntrySettings {
  readonly allowIpRanges: boolean
  readonly allowPrivateAddresses: boolean
}

/** An entry in the form in which it is stored, with what its owner should know. */
export interface CheckedEntry {
  readonly value: string
  readonly warnings: readonly EntryWarning[]
}

/**
 * How strictly an entry is judged: `new` by every rule; `stored`, one that the list already has,
 * by its form alone, so that a newer table or setting never blocks an unrelated edit.
 */
export type EntryAge = 'new' | 'stored'

/** The text of an entry, trimmed; refused if it is no string, or nothing is in it. */
export function readEntryText(input: unknown, sample: string): Parsed<string, EntryProblem> {
  if (typeof input !== 'string') {
    const message = `An entry is text. Enter it in quotes, like "${sample}".`
    return { ok: false, problem: { code: 'not_text', message } }
  }
  const text = trimEntry(input)
  if (text !== '') return { ok: true, value: text }
  const message = `The entry is empty. Enter one like ${sample}.`
  return { ok: false, problem: { code: 'entry_empty', message } }
}

/** Unicode white space and U+FEFF removed from both ends. */
function trimEntry(text: string): string {
  // `trim` leaves U+0085, which Unicode counts as white space.
  return text.replace(LEADING, '').replace(TRAILING, '')
}

const LEADING = /^[\p{White_Space}\uFEFF]+/u
const TRAILING = /(?<![\p{White_Space}\uFEFF])[\p{White_Space}\uFEFF]+$/u
