import type { Command } from 'commander'
import type { RestrictionsInput } from '@keyfence/core'

/** Entries as they were typed. */
export interface EntryOptions {
  readonly domain?: readonly string[]
  readonly domainWithSubdomains?: readonly string[]
  readonly ip?: readonly string[]
}

/** Switches of lists that may be empty. */
export interface OnOptions {
  readonly domainsOn?: true
  readonly ipsOn?: true
}

/** Adds the options that list entries; the name of each is the same on every command. */
export function addEntryOptions(command: Command): Command {
  return command
    .option('--domain <ENTRY>', 'list a domain; may be repeated', collect)
    .option('--domain-with-subdomains <ENTRY>', 'list a domain and everything below it', collect)
    .option('--ip <ENTRY>', 'list an address; may be repeated', collect)
}

/** Adds the options that switch lists on which have no entry. */
export function addOnOptions(command: Command): Command {
  return command
    .option('--domains-on', 'the domain list is on, even if it is empty')
    .option('--ips-on', 'the IP list is on, even if it is empty')
}

/** Every value of an option that may be repeated, in order. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value]
}

/** The entries of the domain list. */
export function domainEntries({ domain, domainWithSubdomains }: EntryOptions) {
  return [
    ...(domain ?? []).map((value) => ({ value, subdomains: false })),
    ...(domainWithSubdomains ?? []).map((value) => ({ value, subdomains: true })),
  ]
}

/** The entries of the IP list. */
export function ipEntries({ ip }: EntryOptions) {
  return (ip ?? []).map((value) => ({ value }))
}

/** Both lists as they were typed: one is on once it has an entry, or was switched on. */
export function typedRestrictions(options: EntryOptions & OnOptions): RestrictionsInput {
  const domains = domainEntries(options)
  const ips = ipEntries(options)
  return {
    domains: { enabled: options.domainsOn ?? domains.length > 0, entries: domains },
    ips: { enabled: options.ipsOn ?? ips.length > 0, entries: ips },
  }
}
