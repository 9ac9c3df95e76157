import type { Restrictions } from '@keyfence/core'

/** The entries of both lists, by their values. */
export interface ListedValues {
  readonly domains?: readonly string[]
  readonly ips?: readonly string[]
}

/** Restrictions with these entries; a list is on if it is given. For tests and benchmarks. */
export function restrictedTo({ domains, ips }: ListedValues): Restrictions {
  return {
    domains: {
      enabled: domains !== undefined,
      entries: (domains ?? []).map((value) => ({ value, subdomains: false, label: '' })),
    },
    ips: {
      enabled: ips !== undefined,
      entries: (ips ?? []).map((value) => ({ value, label: '' })),
    },
  }
}
