import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { ROLES } from '../../access/administrator.ts'
import { csrfToken } from '../../access/session.ts'
import type { SignedIn } from '../../access/sign-in.ts'
import type { LiveLink } from '../../access/use-link.ts'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { opensTo, signedIn } from '../gate/requires.ts'
import { problemAnswer } from '../problem.ts'
import { shownText } from '../schema/text.ts'
import { clearSessionCookie, shownSession } from '../session-cookie.ts'
import {
  changePassword,
  liveLink,
  signedInAdministrator,
  signIn,
  signInByLink,
} from '../sign-in.ts'
import { answered, askProblems, changeProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

/** Longer ones than may be chosen are wrong, and told so like any other. */
const GivenPassword = z.string().max(1024)

const GivenLink = z.string().max(200).openapi({ description: 'What follows the # of the link.' })

/** For the first administrator, for a new one, for another password, or to sign in as one is. */
const LinkPurpose = z.enum(['set_up', 'invite', 'reset', 'sign_in'])

const SignedInShown = z
  .object({
    signedIn: z.literal(true),
    administrator: z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) }),
    csrfToken: z.string().openapi({ description: 'For the field `Keyfence-CSRF-Token`.' }),
  })
  .openapi('SignedIn')

const SignedOutShown = z
  .object({
    signedIn: z.literal(false),
    needsSetUp: z.boolean().openapi({ description: 'There is no administrator yet.' }),
  })
  .openapi('SignedOut')

const sessionRoute = { tags: ['Console sessions'], path: '/v1/session' }

const readSessionRoute = createRoute({
  ...sessionRoute,
  method: 'get',
  operationId: 'readSession',
  summary: 'Who is signed in',
  ...opensTo(),
  request: { query: NO_QUERY },
  responses: {
    200: answered('The session of the cookie, or none.', z.union([SignedInShown, SignedOutShown])),
    ...askProblems(),
  },
})

const signInRoute = createRoute({
  ...sessionRoute,
  method: 'post',
  operationId: 'signIn',
  summary: 'Sign in to the console',
  description: 'For pages of `publicUrl` alone. The session comes as a cookie.',
  ...opensTo(),
  request: {
    query: NO_QUERY,
    body: jsonBodyOf(closedObject({ name: shownText(200), password: GivenPassword })),
  },
  responses: {
    200: answered('Signed in.', SignedInShown),
    ...changeProblems('sign_in_failed', 'too_many_attempts'),
  },
})

const signOutRoute = createRoute({
  ...sessionRoute,
  method: 'delete',
  operationId: 'signOut',
  summary: 'End the session',
  ...opensTo(),
  request: { query: NO_QUERY },
  responses: { 204: { description: 'No session any more.' }, ...changeProblems() },
})

const checkLinkRoute = createRoute({
  ...sessionRoute,
  method: 'post',
  path: '/v1/session/link/check',
  operationId: 'checkLink',
  summary: 'What a sign-in link is for',
  ...opensTo(),
  request: { query: NO_QUERY, body: jsonBodyOf(closedObject({ link: GivenLink })) },
  responses: {
    200: answered(
      'It works.',
      z
        .object({
          purpose: LinkPurpose,
          name: z.string().nullable(),
        })
        .openapi('CheckedLink'),
    ),
    ...askProblems('link_not_valid'),
  },
})

const useLinkRoute = createRoute({
  ...sessionRoute,
  method: 'post',
  path: '/v1/session/link',
  operationId: 'useLink',
  summary: 'Sign in by a link, with a new password where it is for one',
  description: 'Works once. The first administrator chooses a name too.',
  ...opensTo(),
  request: {
    query: NO_QUERY,
    body: jsonBodyOf(
      closedObject({
        link: GivenLink,
        name: shownText(200).optional(),
        password: GivenPassword.optional(),
      }),
    ),
  },
  responses: {
    200: answered('Signed in.', SignedInShown),
    ...changeProblems('link_not_valid', 'password_refused'),
  },
})

const changePasswordRoute = createRoute({
  ...sessionRoute,
  method: 'put',
  path: '/v1/session/password',
  operationId: 'changePassword',
  summary: 'Choose another password',
  description: 'Every other session ends, and this one begins anew.',
  ...signedIn(),
  request: {
    query: NO_QUERY,
    body: jsonBodyOf(closedObject({ current: GivenPassword, password: GivenPassword })),
  },
  responses: {
    200: answered('Signed in anew.', SignedInShown),
    ...changeProblems('sign_in_failed', 'too_many_attempts', 'password_refused'),
  },
})

/** `/v1/session`, `/v1/session/link`, `/v1/session/link/check`, `/v1/session/password` */
export function sessionOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(readSessionRoute, async (c) => {
    const administrator = await signedInAdministrator(c)
    const shown = shownSession(c)
    if (administrator !== undefined && shown !== undefined) {
      return c.json(shownSignedIn({ administrator, secret: shown.secret }), 200)
    }
    const needsSetUp = (await c.var.api.store.administrators.list()).length === 0
    return c.json({ signedIn: false as const, needsSetUp }, 200)
  })
  app.openapi(signInRoute, async (c) => {
    const outcome = await signIn(c, c.req.valid('json'))
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(shownSignedIn(outcome.value), 200)
  })
  app.openapi(signOutRoute, async (c) => {
    const shown = shownSession(c)
    if (shown !== undefined) {
      await c.var.api.store.transact(({ sessions }) => sessions.remove(shown.hash))
    }
    clearSessionCookie(c)
    return c.body(null, 204)
  })
  linkOn(app)
  app.openapi(changePasswordRoute, async (c) => {
    const changed = await changePassword(c, c.req.valid('json'))
    if (!changed.ok) return problemAnswer(c, changed.problem)
    return c.json(shownSignedIn(changed.value), 200)
  })
}

function linkOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(checkLinkRoute, async (c) => {
    const live = await liveLink(c, c.req.valid('json').link)
    if (!live.ok) return problemAnswer(c, live.problem)
    const { administrator } = live.value
    return c.json({ purpose: purposeOf(live.value), name: administrator?.name ?? null }, 200)
  })
  app.openapi(useLinkRoute, async (c) => {
    const outcome = await signInByLink(c, c.req.valid('json'))
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(shownSignedIn(outcome.value), 200)
  })
}

function purposeOf({ link, administrator }: LiveLink): z.infer<typeof LinkPurpose> {
  if (link.kind === 'sign_in') return 'sign_in'
  if (administrator === undefined) return 'set_up'
  return administrator.passwordHash === undefined ? 'invite' : 'reset'
}

function shownSignedIn({ administrator, secret }: SignedIn): z.infer<typeof SignedInShown> {
  const { id, name, role } = administrator
  return { signedIn: true, administrator: { id, name, role }, csrfToken: csrfToken(secret) }
}
