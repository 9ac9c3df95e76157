/** The public surface of @keyfence/guard/node, by name. */
export { guarded, type GuardedListener } from './guarded-listener.ts'
export { guardedRequest } from './node-request.ts'
