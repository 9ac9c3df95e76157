import type { CompiledRestrictions } from '../restriction/compile.ts'
import type { RequestSource } from '../request/source.ts'
import type { AllowReason, DenyReason } from './reason.ts'

/** What the rule says of one request. */
export type Decision =
  | { readonly effect: 'allow'; readonly reason: AllowReason }
  | { readonly effect: 'deny'; readonly reason: DenyReason }

/** Decides one request by the restrictions of its token (spec §1). Same arguments, same answer. */
export function decide(restrictions: CompiledRestrictions, source: RequestSource): Decision {
  const { domains, ips } = restrictions
  if (domains.mode === 'off' && ips.mode === 'off') return allow('unrestricted')
  return source.kind === 'browser' ? decideBrowser(domains, source) : decideServer(ips, source)
}

/** Off means that the other list is on: this kind of request was not meant to work. */
function decideBrowser(
  domains: CompiledRestrictions['domains'],
  source: RequestSource & { kind: 'browser' },
): Decision {
  if (domains.mode === 'off') return deny('browser_not_allowed')
  if (domains.isEmpty) return deny('domain_list_empty')
  if (source.domain === undefined) return deny(source.because)
  const isListed = source.mayMatch && domains.matches(source.domain)
  return isListed ? allow('domain_listed') : deny('domain_not_listed')
}

function decideServer(
  ips: CompiledRestrictions['ips'],
  source: RequestSource & { kind: 'server' },
): Decision {
  if (ips.mode === 'off') return deny('server_not_allowed')
  if (ips.isEmpty) return deny('ip_list_empty')
  if (source.address === undefined) return deny(source.because)
  return ips.matches(source.address) ? allow('ip_listed') : deny('ip_not_listed')
}

function allow(reason: AllowReason): Decision {
  return { effect: 'allow', reason }
}

function deny(reason: DenyReason): Decision {
  return { effect: 'deny', reason }
}
