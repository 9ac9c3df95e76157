/** The public surface of @keyfence/guard/fastify, by name. */
export { keyfence } from './fastify-guard.ts'
