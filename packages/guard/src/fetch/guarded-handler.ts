import type { AllowedCall } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'
import { answerResponse, guardedRequest } from './fetch-request.ts'

/** What is called for requests that are allowed; `undefined`: a preflight that passes, by setting. */
export type GuardedHandler<Received extends Request, Rest extends readonly unknown[]> = (
  request: Received,
  call: AllowedCall | undefined,
  ...rest: Rest
) => Response | Promise<Response>

/** Where the address of the socket stands, which no `Request` knows. */
export interface PeerOption<Received extends Request, Rest extends readonly unknown[]> {
  /**
   * Gets what the handler gets: the server of Bun, the info of Deno. Never read a field that callers
   * can set. `undefined`: nobody knows, and address lists match nothing.
   */
  readonly peer: (request: Received, ...rest: Rest) => string | undefined
}

/** A handler from `Request` to `Response` behind a guard: it answers refusals and preflights. */
export function guarded<Received extends Request, Rest extends readonly unknown[]>(
  guard: Guard,
  handler: GuardedHandler<Received, Rest>,
  { peer }: PeerOption<Received, Rest>,
): (request: Received, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const decision = guard.decide(guardedRequest(request, peer(request, ...rest)))
    if (decision.effect === 'allow') return handler(request, decision, ...rest)
    if (decision.answer === undefined) return handler(request, undefined, ...rest)
    return answerResponse(decision.answer, request.method)
  }
}

/**
 * The peer on Cloudflare, whose edge writes `CF-Connecting-IP` itself. Of use only where no request
 * comes past that edge: anybody else could write the field.
 */
export function cloudflarePeer(request: Request): string | undefined {
  return request.headers.get('CF-Connecting-IP') ?? undefined
}
