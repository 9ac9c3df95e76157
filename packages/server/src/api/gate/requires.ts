import { authenticate } from '../../access/authenticate.ts'
import { boundOwner, type Caller, isInBrowser, scopesOf } from '../../access/caller.ts'
import type { Scope } from '../../access/management-key.ts'
import type { Capability } from '../../access/portal-session.ts'
import type { ApiMiddleware, ApiRequest } from '../api-context.ts'
import { opensAtPortal } from '../at-portal.ts'
import { problemAnswer } from '../problem.ts'
import { jsonBody } from './json-body.ts'
import { callerBySession, foreignPageProblem, forgedProblem } from './session-caller.ts'

/** What a route asks of its caller, beside the scope. */
export interface Requirement {
  /** Keys that are bound to an owner are refused. */
  readonly unbound?: boolean
  /** Capabilities any of which opens the route to owners; none: it is not at the portal. */
  readonly portal?: readonly Capability[]
  /** The route's body may be this large whatever the setting says. */
  readonly bodyBytesMin?: number
}

/**
 * What a route says of who may call it, to be spread into its declaration: the gates stand in the
 * route itself, and its documentation names the scope.
 */
export function requires(scope: Scope, requirement: Requirement = {}) {
  const { bodyBytesMin = 0, portal } = requirement
  return {
    ...opensAtPortal(portal),
    security: [{ managementKey: [scope] }, { session: [] }],
    middleware: [callerGate(scope, requirement), jsonBody(bodyBytesMin)],
  }
}

function callerGate(scope: Scope, requirement: Requirement): ApiMiddleware {
  return async (c, next) => {
    const caller = await callerOf(c)
    if (caller === undefined) return unauthenticated(c)
    const forged = isInBrowser(caller) ? forgedProblem(c) : undefined
    if (forged !== undefined) return problemAnswer(c, forged)
    const missing = missingRight(caller, scope, requirement)
    if (missing !== undefined) {
      return problemAnswer(c, { code: 'forbidden', facts: { detail: missing } })
    }
    c.set('caller', caller)
    return next()
  }
}

/** At the portal an owner's session counts and nothing else. */
async function callerOf(c: ApiRequest): Promise<Caller | undefined> {
  if (c.var.door.kind === 'portal') return callerBySession(c)
  return c.env.caller ?? (await callerByKey(c)) ?? callerBySession(c)
}

function callerByKey(c: ApiRequest): Promise<Caller | undefined> {
  const { store, settings } = c.var.api
  return authenticate(c.req.header('authorization'), {
    keys: store.keys,
    environmentKeyHash: settings.environmentKeyHash,
  })
}

function missingRight(
  caller: Caller,
  scope: Scope,
  { unbound = false, portal }: Requirement,
): string | undefined {
  if (caller.kind === 'portal') return missingCapability(caller.capabilities, portal)
  if (!scopesOf(caller).includes(scope)) return `This needs a key with the scope ${scope}.`
  if (!unbound || boundOwner(caller) === undefined) return undefined
  return 'This needs a key that is bound to no owner.'
}

function missingCapability(
  own: readonly Capability[],
  needed: readonly Capability[] | undefined,
): string | undefined {
  if (needed === undefined) return 'This is not for owners.'
  if (needed.length === 0 || needed.some((word) => own.includes(word))) return undefined
  return `This needs a link that may ${needed.join(' or ')}.`
}

/** RFC 6750 §3.1: no error code where no credential was sent. */
function unauthenticated(c: ApiRequest): Response {
  const detail = c.var.door.kind === 'portal' ? ASK_FOR_A_LINK : SIGN_IN
  const answer = problemAnswer(c, { code: 'unauthenticated', facts: { detail } })
  if (c.req.header('authorization') !== undefined) {
    answer.headers.set('WWW-Authenticate', 'Bearer error="invalid_token"')
  }
  return answer
}

const SIGN_IN = 'Sign in, or send a live management key as "Authorization: Bearer kfm_…".'
const ASK_FOR_A_LINK = 'The session has ended. Ask for a new link where you came from.'

/** What a route for people alone says: it asks for a session, of whatever role. */
export function signedIn() {
  return { security: [{ session: [] }], middleware: [sessionGate, jsonBody(0)] }
}

const sessionGate: ApiMiddleware = async (c, next) => {
  const caller = await callerBySession(c)
  if (caller === undefined) return unauthenticated(c)
  const forged = forgedProblem(c)
  if (forged !== undefined) return problemAnswer(c, forged)
  c.set('caller', caller)
  return next()
}

/** What a route that nobody has signed in for says: a body, and changes from our own page alone. */
export function opensTo() {
  return { security: [], middleware: [ownPageGate, jsonBody(0)] }
}

const ownPageGate: ApiMiddleware = async (c, next) => {
  const foreign = foreignPageProblem(c)
  return foreign === undefined ? next() : problemAnswer(c, foreign)
}
