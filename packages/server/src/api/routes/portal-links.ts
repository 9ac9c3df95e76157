import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { boundOwner, scopesOf } from '../../access/caller.ts'
import { CAPABILITIES } from '../../access/portal-session.ts'
import { type MadePortalLink, makePortalLink } from '../../access/use-portal-link.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { OwnerText, ShownTime, shownTime } from '../schema/text.ts'
import { answered, changeProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

const PortalGrantBody = closedObject({
  owner: OwnerText,
  capabilities: z
    .array(z.enum(CAPABILITIES))
    .max(CAPABILITIES.length)
    .refine((words) => new Set(words).size === words.length, 'Each word once.')
    .openapi({ description: 'What they may do beyond looking at their tokens. `[]`: nothing.' }),
  returnUrl: z
    .string()
    .max(2000)
    .refine(isReturnUrl, 'A URL of yours: https://… or http://…, without user information.')
    .optional()
    .openapi({ description: 'Where a link in the portal leads back to.' }),
}).openapi('PortalGrant', {
  example: {
    owner: 'customer-42',
    capabilities: ['restrict', 'activity'],
    returnUrl: 'https://app.example.com/tokens',
  },
})

const createPortalLinkRoute = createRoute({
  method: 'post',
  path: '/v1/portal-sessions',
  operationId: 'createPortalSession',
  summary: 'Make a link to the owner portal',
  description:
    'For one owner, who sees their own tokens and nothing else. It works once, for 5 minutes, on the listener of the portal. A key that is bound to an owner makes links of that owner alone.',
  tags: ['Owner portal'],
  ...requires('write'),
  request: { query: NO_QUERY, body: jsonBodyOf(PortalGrantBody) },
  responses: {
    201: answered(
      'The link.',
      z
        .object({
          id: z.string().openapi({
            description: 'What the audit log names the owner’s changes by.',
            example: 'por_019a2b3c-0000-7000-8000-000000000000',
          }),
          link: z.string().openapi({ description: 'Shown this once. Works once.' }),
          expiresAt: ShownTime,
        })
        .openapi('PortalLink'),
    ),
    ...changeProblems('conflict'),
  },
})

/** `POST /v1/portal-sessions` */
export function portalLinksOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(createPortalLinkRoute, async (c) => {
    const { owner, capabilities, returnUrl } = c.req.valid('json')
    const { portal } = c.var.api.settings
    const refused = refuseGrant(c, owner) ?? (portal === undefined ? NO_PORTAL : undefined)
    if (refused !== undefined) return problemAnswer(c, refused.problem)
    const outcome = await commit<MadePortalLink>(c, async (transaction, context) => {
      const granted = { owner, capabilities, returnUrl }
      return { ok: true, value: await makePortalLink(transaction, granted, context) }
    })
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const { link, secret, expiresAt } = outcome.value
    // The secret stands in the fragment: it is neither sent nor logged when the page is opened.
    const url = `${portal?.url}/link#${secret}`
    return c.json({ id: link.id, link: url, expiresAt: shownTime(expiresAt) }, 201)
  })
}

const NO_PORTAL = refuse(
  'conflict',
  'There is no owner portal. Set portalListen (--portal-listen), or portalUrl where another node serves it.',
)

/** Nobody lets somebody do more than they may themselves. */
function refuseGrant(
  c: ApiRequest,
  owner: string,
): Extract<Outcome<never, 'forbidden'>, { readonly ok: false }> | undefined {
  const bound = boundOwner(c.var.caller)
  if (bound !== undefined && owner !== bound) {
    return refuse('forbidden', { detail: 'The caller is bound to another owner.', path: '/owner' })
  }
  if (scopesOf(c.var.caller).includes('read')) return undefined
  return refuse('forbidden', 'This needs a key with the scopes read and write.')
}

/** What a click may lead to: no script, and nothing that a browser would read differently. */
function isReturnUrl(text: string): boolean {
  if (!WRITTEN.test(text) || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return ['https:', 'http:'].includes(protocol) && username === '' && password === ''
}

const WRITTEN = /^https?:\/\/(?![/@])[!-[\]-~]+$/i
