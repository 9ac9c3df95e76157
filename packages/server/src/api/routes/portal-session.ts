import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { CAPABILITIES } from '../../access/portal-session.ts'
import { csrfToken, secretHash, type SessionSecret } from '../../access/session.ts'
import { findPortalSession, type PortalEntry, usePortalLink } from '../../access/use-portal-link.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { opensTo } from '../gate/requires.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { clearSessionCookie, setSessionCookie, shownSession } from '../session-cookie.ts'
import { answered, askProblems, changeProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

const PortalSignedIn = z
  .object({
    signedIn: z.literal(true),
    portal: z.object({
      owner: z.string(),
      capabilities: z.array(z.enum(CAPABILITIES)),
      returnUrl: z.string().nullable(),
    }),
    csrfToken: z.string(),
  })
  .openapi('PortalSignedIn')

const PortalSignedOut = z
  .object({ signedIn: z.literal(false), portal: z.null() })
  .openapi('PortalSignedOut')

const portalRoute = { tags: ['Owner portal'], path: '/v1/session' }

const readRoute = createRoute({
  ...portalRoute,
  method: 'get',
  operationId: 'readPortalSession',
  summary: 'Whose portal this is',
  ...opensTo(),
  request: { query: NO_QUERY },
  responses: {
    200: answered(
      'The session of the cookie, or none.',
      z.union([PortalSignedIn, PortalSignedOut]),
    ),
    ...askProblems(),
  },
})

const openRoute = createRoute({
  ...portalRoute,
  method: 'post',
  path: '/v1/session/link',
  operationId: 'openPortal',
  summary: 'Use a link up',
  ...opensTo(),
  request: { query: NO_QUERY, body: jsonBodyOf(closedObject({ link: z.string().max(200) })) },
  responses: {
    200: answered('The portal is open.', PortalSignedIn),
    ...changeProblems('link_not_valid'),
  },
})

const closeRoute = createRoute({
  ...portalRoute,
  method: 'delete',
  operationId: 'closePortal',
  summary: 'End the session',
  ...opensTo(),
  request: { query: NO_QUERY },
  responses: { 204: { description: 'No session any more.' }, ...changeProblems() },
})

/** `/v1/session` and `/v1/session/link` of the portal, where they are an owner's. */
export function portalSessionOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(readRoute, async (c) => {
    const shown = shownSession(c)
    const { store, clock, settings } = c.var.api
    const at = { now: clock.now(), life: settings.sessionLife }
    const session = shown === undefined ? undefined : await findPortalSession(store, shown.hash, at)
    if (shown === undefined || session === undefined) {
      return c.json({ signedIn: false as const, portal: null }, 200)
    }
    return c.json(shownEntry({ session, secret: shown.secret }), 200)
  })
  app.openapi(openRoute, async (c) => {
    const entry = await open(c, c.req.valid('json').link)
    if (!entry.ok) return problemAnswer(c, entry.problem)
    setSessionCookie(c, entry.value.secret)
    return c.json(shownEntry(entry.value), 200)
  })
  app.openapi(closeRoute, async (c) => {
    const shown = shownSession(c)
    if (shown !== undefined) {
      await c.var.api.store.transact(({ portal }) => portal.removeSession(shown.hash))
    }
    clearSessionCookie(c)
    return c.body(null, 204)
  })
}

async function open(c: ApiRequest, link: string): Promise<Outcome<PortalEntry, 'link_not_valid'>> {
  const hash = secretHash(link)
  if (hash === undefined) return LINK_NOT_VALID
  const { store, clock, random, settings } = c.var.api
  const earlier = shownSession(c)?.hash
  const context = { actor: 'link', now: clock.now(), random }
  const entry = await store.transact((transaction) =>
    usePortalLink(transaction, { hash, earlier }, { context, life: settings.sessionLife }),
  )
  return entry === undefined ? LINK_NOT_VALID : { ok: true, value: entry }
}

const LINK_NOT_VALID = refuse(
  'link_not_valid',
  'Links work once and for 5 minutes. Ask for a new one where you came from.',
)

function shownEntry(entry: {
  readonly session: PortalEntry['session']
  readonly secret: SessionSecret
}): z.infer<typeof PortalSignedIn> {
  const { owner, capabilities, returnUrl } = entry.session
  return {
    signedIn: true,
    portal: { owner, capabilities: [...capabilities], returnUrl: returnUrl ?? null },
    csrfToken: csrfToken(entry.secret),
  }
}
