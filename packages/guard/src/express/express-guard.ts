import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AllowedCall } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'
import { guardNodeRequest } from '../node/node-request.ts'

declare global {
  // The name is Express's own: what its types tell to extend.
  namespace Express {
    interface Request {
      /** Who calls; `undefined` for a preflight that passes. */
      keyfence?: AllowedCall | undefined
    }
  }
}

/** A middleware of Express, by what it uses of it. */
export type ExpressMiddleware = (
  request: IncomingMessage & { keyfence?: AllowedCall | undefined },
  response: ServerResponse,
  next: () => void,
) => void

/** Express middleware: `app.use(keyfence(guard))`, before whatever reads bodies. */
export function keyfence(guard: Guard): ExpressMiddleware {
  return (request, response, next) => {
    const outcome = guardNodeRequest(guard, request, response)
    if (outcome === 'answered') return
    request.keyfence = outcome
    next()
  }
}
