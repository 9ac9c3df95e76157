import type { Context, MiddlewareHandler } from 'hono'
import type { AllowedCall, GuardedRequest } from '../enforcement/guard-decision.ts'
import { answerResponse, guardedRequest, pathAndQuery } from '../fetch/fetch-request.ts'
import type { Guard } from '../guard/create-guard.ts'

/** For `new Hono<KeyfenceEnv>()`: who calls is `c.get('keyfence')`. */
export interface KeyfenceEnv {
  Variables: {
    /** `undefined` for a preflight that passes. */
    keyfence: AllowedCall | undefined
  }
}

/** Where the address of the socket stands on a platform that is not Node. */
export interface HonoGuardOptions {
  /** Never read a field that callers can set. Default: the socket of Node's server, else nobody's. */
  readonly peer?: (context: Context) => string | undefined
}

/** Hono middleware: `app.use('*', keyfence(guard))`. */
export function keyfence(
  guard: Guard,
  options: HonoGuardOptions = {},
): MiddlewareHandler<KeyfenceEnv> {
  return async (c, next) => {
    const decision = guard.decide(receivedRequest(c, options))
    if (decision.effect !== 'allow' && decision.answer !== undefined) {
      return answerResponse(decision.answer, c.req.method)
    }
    c.set('keyfence', decision.effect === 'allow' ? decision : undefined)
    await next()
    return undefined
  }
}

/**
 * On Node by what the server received, with the field lines as they came. A `Request` does not keep
 * them, and being made for its fields would cost more than the decision.
 */
function receivedRequest(c: Context, { peer }: HonoGuardOptions): GuardedRequest {
  const incoming = incomingOf(c.env)
  const address = peer === undefined ? incoming?.socket.remoteAddress : peer(c)
  if (incoming === undefined) return guardedRequest(c.req.raw, address)
  const { url: target = pathAndQuery(c.req.url), rawHeaders: fields } = incoming
  return { method: c.req.method, target, fields, peer: address }
}

/** What `@hono/node-server` gives as a binding. */
interface NodeIncoming {
  readonly url?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly socket: { readonly remoteAddress?: string | undefined }
}

function incomingOf(bindings: unknown): NodeIncoming | undefined {
  if (typeof bindings !== 'object' || bindings === null || !('incoming' in bindings))
    return undefined
  return bindings.incoming as NodeIncoming // the server's own, which no request can put there
}
