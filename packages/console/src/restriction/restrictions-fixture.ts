import type { Restrictions } from '@keyfence/core'

/** Restrictions in short: `undefined` is off, a list is on. For tests. */
export function restrictionsOf(
  domains: readonly string[] | undefined,
  ips: readonly string[] | undefined,
): Restrictions {
  return {
    domains: {
      enabled: domains !== undefined,
      entries: (domains ?? []).map((value) => ({ value, label: '', subdomains: false })),
    },
    ips: {
      enabled: ips !== undefined,
      entries: (ips ?? []).map((value) => ({ value, label: '' })),
    },
  }
}
