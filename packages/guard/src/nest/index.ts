/** The public surface of @keyfence/guard/nest, by name. */
export { keyfence, keyfenceCall, type NestMiddleware } from './nest-guard.ts'
