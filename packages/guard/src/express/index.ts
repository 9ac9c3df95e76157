/** The public surface of @keyfence/guard/express, by name. */
export { type ExpressMiddleware, keyfence } from './express-guard.ts'
