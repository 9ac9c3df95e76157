import { parseAuthority } from './authority.ts'
import { schemeOf, type WebOrigin } from './origin.ts'

/**
 * Reads the page's domain from a `Referer`: no blank, control, backslash or non-ASCII character,
 * `http://` or `https://`, an authority that ends at the first `/`, `?` or `#`; what stands before
 * an `@` in it is set aside (spec §3). Everything else: `undefined`.
 */
export function parseReferer(value: string): WebOrigin | undefined {
  const scheme = schemeOf(value)
  if (scheme === undefined || HOSTILE.test(value)) return undefined
  const rest = value.slice(scheme.length + 3)
  const end = rest.search(AUTHORITY_END)
  const authority = end === -1 ? rest : rest.slice(0, end)
  // The last `@`: a URL parser takes everything before it as user information.
  const domain = parseAuthority(authority.slice(authority.lastIndexOf('@') + 1))
  return domain === undefined ? undefined : { scheme, domain }
}

const HOSTILE = /[^\u0021-\u007e]|\\/
const AUTHORITY_END = /[/?#]/
