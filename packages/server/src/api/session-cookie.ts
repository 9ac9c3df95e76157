import { type HashedSecret, secretHash, type SessionSecret } from '../access/session.ts'
import type { ApiRequest } from './api-context.ts'
import { doorUrl } from './door-url.ts'

/**
 * The session in the request's cookie, known to the store or not; `undefined` if it shows none, or
 * something else.
 */
export function shownSession(c: ApiRequest): HashedSecret | undefined {
  const name = cookieName(c)
  const values = (c.req.header('cookie') ?? '')
    .split(';')
    // Of blanks these two alone: a name behind another one is another name.
    .map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [secret] = values
  // Two cookies of one name: somebody else has set one.
  const hash = values.length === 1 ? secretHash(secret) : undefined
  return hash === undefined ? undefined : { secret: secret as SessionSecret, hash } // it has a hash
}

/** Gives the browser its session: to this host alone, to no script, and to no other site's form. */
export function setSessionCookie(c: ApiRequest, secret: SessionSecret): void {
  c.header('Set-Cookie', `${cookieName(c)}=${secret}; ${attributes(c)}`)
}

/** Makes the browser forget its session. */
export function clearSessionCookie(c: ApiRequest): void {
  c.header('Set-Cookie', `${cookieName(c)}=; ${attributes(c)}; Max-Age=0`)
}

/** With `__Host-` no other host and no page over http can set it (RFC 6265bis §4.1.3.2). */
function cookieName(c: ApiRequest): string {
  const name = c.var.door.kind === 'portal' ? 'keyfence-portal' : 'keyfence-session'
  return isSecure(c) ? `__Host-${name}` : name
}

function attributes(c: ApiRequest): string {
  return `Path=/; HttpOnly; ${sameSite(c)}${isSecure(c) ? '; Secure' : ''}`
}

/**
 * A page of another site's frame has its own cookie for each site that frames it, or it has none. That
 * other sites' requests carry it is what the CSRF token is for.
 */
function sameSite(c: ApiRequest): string {
  const { door } = c.var
  const isFramed = door.kind === 'portal' && door.portal.frameHosts.length > 0
  return isFramed && isSecure(c) ? 'SameSite=None; Partitioned' : 'SameSite=Lax'
}

/** Over plain http there is only loopback, where some browsers keep no secure cookie. */
function isSecure(c: ApiRequest): boolean {
  return doorUrl(c).startsWith('https:')
}
