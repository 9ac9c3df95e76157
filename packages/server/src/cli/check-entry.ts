import {
  checkDomainEntry,
  checkIpEntry,
  type EntryCode,
  type EntrySettings,
  type EntryWarning,
} from '@keyfence/core'

/** Which list an entry is for. */
export type EntryKind = 'domain' | 'ip'

/** An entry as somebody would add it to a list. */
export interface EntryQuestion {
  readonly kind: EntryKind
  /** May be anything. */
  readonly input: unknown
  readonly settings: EntrySettings
  /** Of a domain: whether it stands for what lies below it, too. */
  readonly subdomains: boolean
}

/** Would this entry be accepted, and as what (spec §10)? */
export function checkEntry({
  kind,
  input,
  settings,
  subdomains,
}: EntryQuestion):
  | { readonly ok: true; readonly value: string; readonly warnings: readonly EntryWarning[] }
  | { readonly ok: false; readonly code: EntryCode; readonly message: string } {
  const checked =
    kind === 'domain'
      ? checkDomainEntry(input, { settings, age: 'new', subdomains })
      : checkIpEntry(input, settings)
  return checked.ok ? { ok: true, ...checked.value } : { ok: false, ...checked.problem }
}
