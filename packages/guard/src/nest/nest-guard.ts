import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AllowedCall } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'
import { guardNodeRequest } from '../node/node-request.ts'

/**
 * Functional middleware of Nest, on Express and on Fastify. A `CanActivate` was set aside: what it
 * refuses, Nest answers in a shape of its own.
 */
export type NestMiddleware = (
  request: IncomingMessage & { keyfence?: AllowedCall | undefined },
  response: ServerResponse,
  next: () => void,
) => void

/** Nest middleware: `app.use(keyfence(guard))`, or `consumer.apply(keyfence(guard)).forRoutes(…)`. */
export function keyfence(guard: Guard): NestMiddleware {
  return (request, response, next) => {
    const outcome = guardNodeRequest(guard, request, response)
    if (outcome === 'answered') return
    request.keyfence = outcome
    next()
  }
}

/** Who calls, in a controller: `keyfenceCall(request)`, on Express and on Fastify. */
export function keyfenceCall(request: object): AllowedCall | undefined {
  const received = 'raw' in request ? request.raw : request
  const { keyfence: call } = received as { readonly keyfence?: AllowedCall } // set above, or absent
  return call
}
