import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AllowedCall } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'
import { guardNodeRequest } from './node-request.ts'

/** What is called for requests that are allowed; `undefined`: a preflight that passes, by setting. */
export type GuardedListener = (
  request: IncomingMessage,
  response: ServerResponse,
  call: AllowedCall | undefined,
) => void

/** A listener for `http.createServer`: it answers refusals and preflights, and passes on the rest. */
export function guarded(
  guard: Guard,
  listener: GuardedListener,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const outcome = guardNodeRequest(guard, request, response)
    if (outcome !== 'answered') listener(request, response, outcome)
  }
}
