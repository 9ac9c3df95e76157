import { type HashedSecret, secretHash, type SessionSecret } from '../access/session.ts'
import type { ApiRequest } from './api-context.ts'

/**
 * The session in the request's cookie, known to the store or not; `undefined` if it shows none, or
 * something else.
 */
export function shownSession(c: ApiRequest): HashedSecret | undefined {
  const name = cookieName(c)
  const values = (c.req.header('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
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
  return isSecure(c) ? '__Host-keyfence-session' : 'keyfence-session'
}

function attributes(c: ApiRequest): string {
  return `Path=/; HttpOnly; SameSite=Lax${isSecure(c) ? '; Secure' : ''}`
}

/** Over plain http there is only loopback, where some browsers keep no secure cookie. */
function isSecure(c: ApiRequest): boolean {
  return c.var.api.settings.publicUrl.startsWith('https:')
}
