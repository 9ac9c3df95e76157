/** The public surface of @keyfence/guard/hono, by name. */
export { type HonoGuardOptions, keyfence, type KeyfenceEnv } from './hono-guard.ts'
