import { type GuardedHandler, guarded, type PeerOption } from '../fetch/guarded-handler.ts'
import type { Guard } from '../guard/create-guard.ts'

/** What Next gives a route handler beside the request. */
export interface RouteContext {
  readonly params: Promise<unknown>
}

/**
 * A route handler of Next behind a guard: `export const GET = withGuard(guard, handler, { peer })`.
 * Next hands no socket on. Without a `peer` address lists match nothing; behind a proxy of your own
 * that always writes it, name the field.
 */
export function withGuard<Received extends Request, Context extends RouteContext>(
  guard: Guard,
  handler: GuardedHandler<Received, readonly [Context]>,
  { peer }: Partial<PeerOption<Received, readonly [Context]>> = {},
): (request: Received, context: Context) => Promise<Response> {
  return guarded(guard, handler, { peer: peer ?? (() => undefined) })
}
