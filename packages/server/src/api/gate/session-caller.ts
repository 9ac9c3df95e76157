import type { Caller } from '../../access/caller.ts'
import { findSession } from '../../access/find-session.ts'
import { isCsrfToken } from '../../access/session.ts'
import { findPortalSession } from '../../access/use-portal-link.ts'
import type { ApiRequest } from '../api-context.ts'
import { doorUrl } from '../door-url.ts'
import { type RefusedWith, refuse } from '../problem.ts'
import { shownSession } from '../session-cookie.ts'
import { SAFE_METHODS } from './origin-gate.ts'

/** The field that says that a page of ours asks (spec §9). */
export const CSRF_FIELD = 'keyfence-csrf-token'

/** Who asks, by the session in the cookie. A request that brings a key is judged by its key alone. */
export async function callerBySession(c: ApiRequest): Promise<Caller | undefined> {
  const shown = c.req.header('authorization') === undefined ? shownSession(c) : undefined
  if (shown === undefined) return undefined
  const { store, clock, settings } = c.var.api
  const at = { now: clock.now(), life: settings.sessionLife }
  if (c.var.door.kind === 'portal') {
    const session = await findPortalSession(store, shown.hash, at)
    if (session === undefined) return undefined
    const { id, owner, capabilities } = session
    return { kind: 'portal', id, owner, capabilities }
  }
  const administrator = await findSession(store, shown.hash, at)
  if (administrator === undefined) return undefined
  return { kind: 'administrator', id: administrator.id, role: administrator.role }
}

/**
 * Why a change by a session is not believed to come from our own page: a browser sends the cookie
 * along with whatever another page makes it send.
 */
export function forgedProblem(c: ApiRequest): RefusedWith<'forbidden'> | undefined {
  if (SAFE_METHODS.has(c.req.method)) return undefined
  const foreign = foreignPageProblem(c)
  if (foreign !== undefined) return foreign
  const shown = shownSession(c)
  if (shown !== undefined && isCsrfToken(c.req.header(CSRF_FIELD), shown.secret)) return undefined
  return refuse('forbidden', 'Send csrfToken of GET /v1/session as Keyfence-CSRF-Token.').problem
}

/** Why a change does not come from our own page: those say their origin, and it is exactly ours. */
export function foreignPageProblem(c: ApiRequest): RefusedWith<'forbidden'> | undefined {
  const own = new URL(doorUrl(c)).origin
  if (SAFE_METHODS.has(c.req.method) || c.req.header('origin') === own) return undefined
  const programs = c.var.door.kind === 'portal' ? '' : ' Programs send a management key.'
  return refuse('forbidden', `This is for pages of ${own}.${programs}`).problem
}
