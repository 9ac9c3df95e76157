import { authenticate } from '../../access/authenticate.ts'
import { boundOwner, type Caller, scopesOf } from '../../access/caller.ts'
import type { Scope } from '../../access/management-key.ts'
import type { ApiMiddleware, ApiRequest } from '../api-context.ts'
import { problemAnswer } from '../problem.ts'
import { jsonBody } from './json-body.ts'
import { callerBySession, foreignPageProblem, forgedProblem } from './session-caller.ts'

/** What a route asks of its caller, beside the scope. */
export interface Requirement {
  /** Keys that are bound to an owner are refused. */
  readonly unbound?: boolean
  /** The route's body may be this large whatever the setting says. */
  readonly bodyBytesMin?: number
}

/**
 * What a route says of who may call it, to be spread into its declaration: the gates stand in the
 * route itself, and its documentation names the scope.
 */
export function requires(scope: Scope, requirement: Requirement = {}) {
  const { unbound = false, bodyBytesMin = 0 } = requirement
  return {
    security: [{ managementKey: [scope] }, { session: [] }],
    middleware: [callerGate(scope, unbound), jsonBody(bodyBytesMin)],
  }
}

function callerGate(scope: Scope, unbound: boolean): ApiMiddleware {
  return async (c, next) => {
    const caller = c.env.caller ?? (await callerByKey(c)) ?? (await callerBySession(c))
    if (caller === undefined) return unauthenticated(c)
    const forged = caller.kind === 'administrator' ? forgedProblem(c) : undefined
    if (forged !== undefined) return problemAnswer(c, forged)
    const missing = missingRight(caller, scope, unbound)
    if (missing !== undefined) {
      return problemAnswer(c, { code: 'forbidden', facts: { detail: missing } })
    }
    c.set('caller', caller)
    return next()
  }
}

function callerByKey(c: ApiRequest): Promise<Caller | undefined> {
  const { store, settings } = c.var.api
  return authenticate(c.req.header('authorization'), {
    keys: store.keys,
    environmentKeyHash: settings.environmentKeyHash,
  })
}

function missingRight(caller: Caller, scope: Scope, unbound: boolean): string | undefined {
  if (!scopesOf(caller).includes(scope)) return `This needs a key with the scope ${scope}.`
  if (!unbound || boundOwner(caller) === undefined) return undefined
  return 'This needs a key that is bound to no owner.'
}

/** RFC 6750 §3.1: no error code where no credential was sent. */
function unauthenticated(c: ApiRequest): Response {
  const answer = problemAnswer(c, {
    code: 'unauthenticated',
    facts: { detail: 'Sign in, or send a live management key as "Authorization: Bearer kfm_…".' },
  })
  if (c.req.header('authorization') !== undefined) {
    answer.headers.set('WWW-Authenticate', 'Bearer error="invalid_token"')
  }
  return answer
}

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
