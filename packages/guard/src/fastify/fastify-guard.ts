import type { FastifyPluginCallback } from 'fastify'
import type { AllowedCall } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'
import { completed, guardedRequest } from '../node/node-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; `undefined` for a preflight that passes. */
    keyfence: AllowedCall | undefined
  }
}

/** Fastify plugin: `await app.register(keyfence, { guard })`, for every route of the instance. */
export const keyfence: FastifyPluginCallback<{ readonly guard: Guard }> = (
  app,
  { guard },
  done,
) => {
  app.decorateRequest('keyfence', undefined)
  app.addHook('onRequest', (request, reply, next) => {
    const decision = guard.decide(guardedRequest(request.raw))
    if (decision.effect === 'allow') {
      request.keyfence = decision
      next()
      return
    }
    const { answer } = decision
    if (answer === undefined) {
      next()
      return
    }
    for (const [name, value] of completed(answer, answer.headers)) reply.header(name, value)
    // To text Fastify would add a charset, which is not in the answer of the other doors.
    reply.code(answer.status).send(new TextEncoder().encode(answer.body))
  })
  done()
}

// Without it Fastify keeps a plugin's hooks to the plugin itself, and nothing else is guarded.
Object.assign(keyfence, { [Symbol.for('skip-override')]: true })
