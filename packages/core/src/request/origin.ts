import type { Domain } from '../domain/domain.ts'
import { parseAuthority } from './authority.ts'
import { startsWithName } from './header-fields.ts'

/** The scheme of the page that a request came from. */
export type OriginScheme = 'http' | 'https'

/** A web origin that names a domain. */
export interface WebOrigin {
  readonly scheme: OriginScheme
  readonly domain: Domain
}

/**
 * Reads one serialised origin: `http` or `https` (any case), `://`, host, optional port, and
 * nothing else. `null`, the empty value, a path, user information: `undefined`.
 * @see RFC 6454 §6.2
 */
export function parseOrigin(value: string): WebOrigin | undefined {
  const scheme = schemeOf(value)
  if (scheme === undefined) return undefined
  const domain = parseAuthority(value, scheme.length + 3)
  return domain === undefined ? undefined : { scheme, domain }
}

/** The scheme of a value that begins with `http://` or `https://`, in any case. */
export function schemeOf(value: string): OriginScheme | undefined {
  // No regular expression: its match would be made for one bit of it, in every browser request.
  if (startsWithName(value, 'https://')) return 'https'
  return startsWithName(value, 'http://') ? 'http' : undefined
}
