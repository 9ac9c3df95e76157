import type { Brand, Parsed } from '@keyfence/core'

/** `http://host[:port]` or `https://…` in lower case, a default port left out, nothing behind it. */
export type HttpOrigin = Brand<string, 'HttpOrigin'>

/** The parts of an origin that others compare or connect to. */
export interface HttpOriginParts {
  readonly scheme: 'http' | 'https'
  /** A name or an IP address, without brackets. */
  readonly host: string
  /** The default one of the scheme where none is written. */
  readonly port: number
}

/**
 * Reads the URL of a whole site: no user information, path but `/`, query or fragment. They are
 * refused rather than dropped: somebody meant them.
 * @returns as the problem, a sentence that says what to write.
 */
export function parseHttpOrigin(text: string): Parsed<HttpOrigin, string> {
  const url = WRITTEN.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return refuse('write http://HOST:PORT or https://HOST:PORT.')
  if (url.username !== '' || url.password !== '' || text.includes('@')) {
    return refuse('write it without user information: it would end up in logs.')
  }
  if (url.pathname !== '/' || text.includes('?') || text.includes('#')) {
    return refuse('write scheme, host and port alone, without a path, query or fragment.')
  }
  if (url.port === '0') return refuse('port 0 cannot be connected to.')
  return { ok: true, value: url.origin as HttpOrigin }
}

/** What `publicUrl` is unless it was given: this machine's own browser, by name. */
export function localPublicUrl(port: number): HttpOrigin {
  return new URL(`http://localhost:${port}`).origin as HttpOrigin
}

/** Scheme, host and port of an origin. */
export function originParts(origin: HttpOrigin): HttpOriginParts {
  const url = new URL(origin)
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  return { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

/** What a URL parser would silently drop or rewrite (blanks, backslashes, a third slash) is not written so. */
const WRITTEN = /^https?:\/\/(?!\/)[!-[\]-~]+$/i

const DEFAULT_PORTS = { http: 80, https: 443 } as const

function refuse(problem: string): Parsed<HttpOrigin, string> {
  return { ok: false, problem }
}
