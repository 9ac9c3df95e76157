import type { IpAddress } from '../address/ip-address.ts'
import type { Domain } from '../domain/domain.ts'
import { type BarePeer, clientAddress, type TrustedProxies } from './client-address.ts'
import { type Evidence, isBrowser } from './evidence.ts'
import { parseOrigin, type WebOrigin } from './origin.ts'
import { parseReferer } from './referer.ts'

/** Where a request comes from, or why that cannot be told; each is judged by the list of its own. */
export type RequestSource =
  | {
      readonly kind: 'browser'
      readonly domain: Domain
      /** False for an `http` page where only `https` ones are admitted: it matches no entry. */
      readonly mayMatch: boolean
    }
  | {
      readonly kind: 'browser'
      readonly domain: undefined
      readonly because: 'domain_missing' | 'domain_unreadable'
    }
  | { readonly kind: 'server'; readonly address: IpAddress }
  | { readonly kind: 'server'; readonly address: undefined; readonly because: 'ip_unreadable' }

/** The settings that a source depends on. */
export interface SourceSettings {
  readonly trustedProxies: TrustedProxies
  readonly barePeer: BarePeer
  /** The domain of a page served over `http` matches no entry (spec §3). */
  readonly httpsOriginsOnly: boolean
}

/**
 * Tells browser from server and reads the domain or the address (spec §2–§4).
 * @param peer the socket's remote address as text, `undefined` if unknown.
 */
export function requestSource(
  evidence: Evidence,
  peer: string | undefined,
  settings: SourceSettings,
): RequestSource {
  if (isBrowser(evidence)) return browserSource(evidence, settings.httpsOriginsOnly)
  const address = clientAddress(peer, evidence.forwardedFor, settings)
  return address === undefined
    ? { kind: 'server', address, because: 'ip_unreadable' }
    : { kind: 'server', address }
}

function browserSource(evidence: Evidence, httpsOnly: boolean): RequestSource {
  const page = pageOf(evidence)
  if (page === 'missing') {
    return { kind: 'browser', domain: undefined, because: 'domain_missing' }
  }
  if (page === undefined) {
    return { kind: 'browser', domain: undefined, because: 'domain_unreadable' }
  }
  return { kind: 'browser', domain: page.domain, mayMatch: !httpsOnly || page.scheme === 'https' }
}

/** `Origin` decides alone when present, however broken: a `Referer` still names the good page after
 * a tainted redirect whose `Origin` is `null`. */
function pageOf({ origins, referers }: Evidence): WebOrigin | undefined | 'missing' {
  const origin = origins[0]
  if (origin !== undefined) return origins.length === 1 ? parseOrigin(origin) : undefined
  const referer = referers[0]
  if (referer !== undefined) return referers.length === 1 ? parseReferer(referer) : undefined
  return 'missing'
}
