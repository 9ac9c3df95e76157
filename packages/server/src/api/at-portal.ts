import type { OpenAPIHono } from '@hono/zod-openapi'
import { CAPABILITIES, type Capability } from '../access/portal-session.ts'
import type { ApiEnv } from './api-context.ts'

/**
 * Under this name a route's declaration lists the capabilities any of which opens it to an owner in
 * the portal; none listed: to every owner. A route without it does not exist there.
 */
export const AT_PORTAL = 'x-keyfence-portal'

/** What a route says of owners, to be spread into its declaration. */
export function opensAtPortal(capabilities: readonly Capability[] | undefined): {
  readonly [AT_PORTAL]?: readonly Capability[]
} {
  return capabilities === undefined ? {} : { [AT_PORTAL]: capabilities }
}

/** From here on, `app` takes no route that does not say that it is for owners. */
export function takeOwnersRoutesAlone(app: OpenAPIHono<ApiEnv>): void {
  const { openapi } = app
  const takeMarked = (...[route, handler, hook]: Parameters<typeof openapi>) =>
    isAtPortal(route) ? openapi(route, handler, hook) : app
  // Its type follows each route's, which is not touched.
  app.openapi = takeMarked as typeof openapi
}

function isAtPortal(route: object): boolean {
  const listed: unknown = Reflect.get(route, AT_PORTAL)
  const known: readonly unknown[] = CAPABILITIES
  return Array.isArray(listed) && listed.every((word) => known.includes(word))
}
