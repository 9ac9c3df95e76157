import type { HeaderField } from '../case.ts'
import { fieldValues } from './header-fields.ts'
import { isPort, readHost } from './host.ts'

/** Which kind of page or program a request says it comes from (spec §2, §3). */
export type RequestSource =
  | { readonly kind: 'server' }
  | { readonly kind: 'browser'; readonly page: Page }

/** The page of a browser request: named, unreadable, or not named at all. */
export type Page =
  | { readonly kind: 'named'; readonly domain: string; readonly isHttps: boolean }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'missing' }

/** Tells browser from server, and which page a browser request names. */
export function readRequestSource(headers: readonly HeaderField[]): RequestSource {
  const origins = fieldValues(headers, 'Origin')
  const referers = fieldValues(headers, 'Referer')
  const sites = fieldValues(headers, 'Sec-Fetch-Site')
  // "at least one field named `Sec-Fetch-Site`, `Origin` or `Referer`, whatever its value"
  if (origins.length + referers.length + sites.length === 0) return { kind: 'server' }
  // "There is no fall-back to `Referer`, and a `Referer` beside an `Origin` is not looked at."
  if (origins.length > 0) return { kind: 'browser', page: readOrigin(origins) }
  if (referers.length > 0) return { kind: 'browser', page: readReferer(referers) }
  return { kind: 'browser', page: { kind: 'missing' } }
}

/** "one field line holding one serialised origin (RFC 6454 §6.2) […] and nothing else" */
function readOrigin([origin = '', ...more]: readonly string[]): Page {
  const parts = /^(https?):\/\/([^:]*)(?::(.*))?$/is.exec(origin)
  if (parts === null || more.length > 0) return { kind: 'unreadable' }
  const [, scheme = '', host = '', port] = parts
  return pageOf({ scheme, host, port })
}

function readReferer([referer = '', ...more]: readonly string[]): Page {
  // "one field line; no blank, control, backslash or non-ASCII character"
  if (more.length > 0 || /[^!-~]|\\/.test(referer)) return { kind: 'unreadable' }
  // "an authority that ends at the first `/`, `?` or `#`; what stands before an `@` […] set aside"
  const parts = /^(https?):\/\/(?:[^/?#]*@)?([^/?#:@]*)(?::([^/?#]*))?(?:[/?#].*)?$/i.exec(referer)
  if (parts === null) return { kind: 'unreadable' }
  const [, scheme = '', host = '', port] = parts
  return pageOf({ scheme, host, port })
}

interface PageParts {
  readonly scheme: string
  readonly host: string
  readonly port: string | undefined
}

function pageOf({ scheme, host, port }: PageParts): Page {
  const domain = readHost(host)
  if (domain === null || (port !== undefined && !isPort(port))) return { kind: 'unreadable' }
  return { kind: 'named', domain, isHttps: /^https$/i.test(scheme) }
}
