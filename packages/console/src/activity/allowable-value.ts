import type { Refusal } from '../api/client.ts'
import type { SeenPlace } from '../restriction/lock-to-seen.ts'

/**
 * What would have to be listed for a refused call to be allowed; `undefined` where no entry would
 * help: a token that does not count, a request without a domain or an address, or a page over http
 * where none may match.
 */
export function allowableValue(
  refusal: Pick<Refusal, 'reason' | 'domain' | 'address'>,
  overHttp: ReadonlySet<string> = new Set(),
): SeenPlace | undefined {
  const { reason, domain, address } = refusal
  if (!HELPED.has(reason) || (domain !== null && overHttp.has(domain))) return undefined
  if (domain !== null) return { kind: 'domains', value: domain }
  return address === null ? undefined : { kind: 'ips', value: address }
}

const HELPED: ReadonlySet<string> = new Set([
  'domain_not_listed',
  'ip_not_listed',
  'domain_list_empty',
  'ip_list_empty',
  'browser_not_allowed',
  'server_not_allowed',
])
