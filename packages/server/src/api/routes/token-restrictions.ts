import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { restrictToken } from '../../token/restrict-token.ts'
import type { ApiEnv } from '../api-context.ts'
import { changeOneToken, ONE_TOKEN_PROBLEMS, outcomeOf, visibleToken } from '../change-one-token.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { entityTag, IF_MATCH } from '../precondition.ts'
import { problemAnswer } from '../problem.ts'
import {
  acceptRestrictions,
  RestrictionsBody,
  RestrictionsShown,
  shownRestrictions,
  Warnings,
} from '../schema/restrictions.ts'
import { WAITED } from '../schema/applied-nodes.ts'
import { toldNodes, WAIT_QUERY, waitForNodes } from '../wait-for-nodes.ts'
import {
  answeredWithTag,
  changeProblems,
  jsonBodyOf,
  NO_QUERY,
  readProblems,
  TOKEN_PATH,
} from './route-parts.ts'

const readRestrictionsRoute = createRoute({
  method: 'get',
  path: '/v1/tokens/{id}/restrictions',
  operationId: 'readRestrictions',
  summary: 'Read where a token may be used',
  description: 'What is answered may be sent back by `PUT` as it is.',
  tags: ['Restrictions'],
  ...requires('read', { portal: [] }),
  request: { query: NO_QUERY, params: TOKEN_PATH },
  responses: {
    200: answeredWithTag('Both lists.', RestrictionsShown),
    ...readProblems('not_found'),
  },
})

const Replaced = RestrictionsShown.extend({ warnings: Warnings, ...WAITED }).openapi(
  'ReplacedRestrictions',
)

const replaceRestrictionsRoute = createRoute({
  method: 'put',
  path: '/v1/tokens/{id}/restrictions',
  operationId: 'replaceRestrictions',
  summary: 'Say where a token may be used',
  description:
    'Replaces both lists at once. All problems are told together, and nothing is saved if there is one.',
  tags: ['Restrictions'],
  ...requires('write', { portal: ['restrict'] }),
  request: {
    query: WAIT_QUERY,
    params: TOKEN_PATH,
    headers: z.object(IF_MATCH),
    body: jsonBodyOf(RestrictionsBody),
  },
  responses: {
    200: answeredWithTag('Both lists as they were saved.', Replaced),
    202: answeredWithTag('The same, and not every node has applied it.', Replaced),
    ...changeProblems(...ONE_TOKEN_PROBLEMS, 'entries_refused'),
  },
})

/** `GET` and `PUT /v1/tokens/{id}/restrictions` */
export function tokenRestrictionsOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(readRestrictionsRoute, async (c) => {
    const found = await visibleToken(c, c.var.api.store.tokens)
    if (!found.ok) return problemAnswer(c, found.problem)
    c.header('ETag', entityTag(found.value))
    return c.json(shownRestrictions(found.value.restrictions), 200)
  })
  app.openapi(replaceRestrictionsRoute, async (c) => {
    const input = c.req.valid('json')
    const outcome = await commit(c, (transaction, context) =>
      changeOneToken(c, { transaction, context }, async (token) => {
        const checked = acceptRestrictions(input, c.var.api.settings, token.restrictions)
        if (!checked.ok) return checked
        const { restrictions, warnings } = checked.value
        const restricted = outcomeOf(
          await restrictToken(transaction, { token, restrictions }, context),
        )
        if (!restricted.ok) return restricted
        return { ok: true, value: { token: restricted.value, warnings } }
      }),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const { token, warnings } = outcome.value
    const waited = await waitForNodes(c, c.req.valid('query'))
    c.header('ETag', entityTag(token))
    const shown = { ...shownRestrictions(token.restrictions), warnings: [...warnings] }
    const answer = { ...shown, ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 200)
  })
}
