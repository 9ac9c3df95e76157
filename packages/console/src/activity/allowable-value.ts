import type { Refusal } from '../api/client.ts'
import type { SeenPlace } from '../restriction/lock-to-seen.ts'

/**
 * What would have to be listed for a refused call to be allowed; `undefined` where no entry would
 * help: a token that does not count, or a request without a domain or an address.
 */
export function allowableValue(
  refusal: Pick<Refusal, 'reason' | 'domain' | 'address'>,
): SeenPlace | undefined {
  if (!HELPED.has(refusal.reason)) return undefined
  if (refusal.domain !== null) return { kind: 'domains', value: refusal.domain }
  return refusal.address === null ? undefined : { kind: 'ips', value: refusal.address }
}

const HELPED: ReadonlySet<string> = new Set([
  'domain_not_listed',
  'ip_not_listed',
  'domain_list_empty',
  'ip_list_empty',
  'browser_not_allowed',
  'server_not_allowed',
])
