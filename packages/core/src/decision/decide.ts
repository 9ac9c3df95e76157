import type { CompiledRestrictions } from '../restriction/compile.ts'
import type { RequestSource } from '../request/source.ts'
import type { AllowReason, DenyReason } from './reason.ts'

/** What the rule says of one request. */
export type Decision =
  | { readonly effect: 'allow'; readonly reason: AllowReason }
  | { readonly effect: 'deny'; readonly reason: DenyReason }

/** Decides one request by the restrictions of its token (spec §1). Same arguments, same answer. */
export function decide(restrictions: CompiledRestrictions, source: RequestSource): Decision {
  return source.kind === 'browser'
    ? decideBrowser(restrictions, source)
    : decideServer(restrictions, source)
}

// The other list is asked for only where it matters, because some have to be made for being asked.

function decideBrowser(
  restrictions: CompiledRestrictions,
  source: RequestSource & { kind: 'browser' },
): Decision {
  const { domains } = restrictions
  if (domains.mode === 'off') return decideOff(restrictions.ips, 'browser_not_allowed')
  if (domains.isEmpty) return deny('domain_list_empty')
  if (source.domain === undefined) return deny(source.because)
  const isListed = source.mayMatch && domains.matches(source.domain)
  return isListed ? allow('domain_listed') : deny('domain_not_listed')
}

function decideServer(
  restrictions: CompiledRestrictions,
  source: RequestSource & { kind: 'server' },
): Decision {
  const { ips } = restrictions
  if (ips.mode === 'off') return decideOff(restrictions.domains, 'server_not_allowed')
  if (ips.isEmpty) return deny('ip_list_empty')
  if (source.address === undefined) return deny(source.because)
  return ips.matches(source.address) ? allow('ip_listed') : deny('ip_not_listed')
}

/** The list for this kind of request is off: if the other is on, it was not meant to work. */
function decideOff(other: { readonly mode: 'off' | 'on' }, otherwise: DenyReason): Decision {
  return other.mode === 'off' ? allow('unrestricted') : deny(otherwise)
}

function allow(reason: AllowReason): Decision {
  return { effect: 'allow', reason }
}

function deny(reason: DenyReason): Decision {
  return { effect: 'deny', reason }
}
