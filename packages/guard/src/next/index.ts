/** The public surface of @keyfence/guard/next, by name. */
export { type RouteContext, withGuard } from './next-guard.ts'
