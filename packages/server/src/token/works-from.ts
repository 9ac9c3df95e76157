import type { Restrictions } from '@keyfence/core'
import type { Token } from './token.ts'

/** One sentence that says where a token with these restrictions works (spec §1). */
export function worksFrom({ domains, ips }: Restrictions): string {
  if (!domains.enabled && !ips.enabled) return 'Works from anywhere.'
  const browsers = placesOf(
    domains.enabled,
    domains.entries.map(({ value, subdomains }) =>
      subdomains ? `${value} and its subdomains` : value,
    ),
  )
  const servers = placesOf(
    ips.enabled,
    ips.entries.map(({ value }) => value),
  )
  if (browsers === undefined && servers === undefined) return 'Works from nowhere.'
  if (servers === undefined) return `Works in browsers on ${browsers}; no server can use it.`
  if (browsers === undefined) return `Works on servers at ${servers}; no browser can use it.`
  return `Works in browsers on ${browsers}, and on servers at ${servers}.`
}

/** The same of a token: one that is revoked works nowhere, whatever its lists say. */
export function tokenWorksFrom({
  status,
  restrictions,
}: Pick<Token, 'status' | 'restrictions'>): string {
  return status === 'revoked' ? 'Works from nowhere: it is revoked.' : worksFrom(restrictions)
}

/** `undefined`: nowhere, the list being off while the other is on, or on and empty. */
function placesOf(enabled: boolean, places: readonly string[]): string | undefined {
  return enabled && places.length > 0 ? places.join(', ') : undefined
}
