import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { changeToken, type TokenChanges } from '../../token/change-token.ts'
import { deleteToken } from '../../token/delete-token.ts'
import type { ApiEnv } from '../api-context.ts'
import { changeOneToken, ONE_TOKEN_PROBLEMS, outcomeOf } from '../change-one-token.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { refuseMember } from '../owner-members.ts'
import { entityTag, IF_MATCH } from '../precondition.ts'
import { problemAnswer } from '../problem.ts'
import { shownToken, TokenChanged, TokenChangesBody } from '../schema/token.ts'
import { WAITED } from '../schema/applied-nodes.ts'
import { toldNodes, WAIT_QUERY, waitForNodes } from '../wait-for-nodes.ts'
import { answered, answeredWithTag, changeProblems, jsonBodyOf, TOKEN_PATH } from './route-parts.ts'

const changeTokenRoute = createRoute({
  method: 'patch',
  path: '/v1/tokens/{id}',
  operationId: 'changeToken',
  summary: 'Change a token',
  description: 'Members that are left out stay as they are; a time that is `null` is taken away.',
  tags: ['Tokens'],
  ...requires('write', { portal: ['restrict', 'settings'] }),
  request: {
    query: WAIT_QUERY,
    params: TOKEN_PATH,
    headers: z.object(IF_MATCH),
    body: jsonBodyOf(TokenChangesBody),
  },
  responses: {
    200: answeredWithTag('The token as it is now.', TokenChanged),
    202: answeredWithTag('The same, and not every node has applied it.', TokenChanged),
    ...changeProblems(...ONE_TOKEN_PROBLEMS),
  },
})

const deleteTokenRoute = createRoute({
  method: 'delete',
  path: '/v1/tokens/{id}',
  operationId: 'deleteToken',
  summary: 'Delete a token',
  description: 'It is gone for good, and its hash is never accepted again.',
  tags: ['Tokens'],
  ...requires('write', { portal: ['delete'] }),
  request: { query: WAIT_QUERY, params: TOKEN_PATH, headers: z.object(IF_MATCH) },
  responses: {
    202: answered(
      'The same, and not every node has applied it.',
      z.object(WAITED).openapi('Awaited'),
    ),
    204: { description: 'The token is deleted.' },
    ...changeProblems(...ONE_TOKEN_PROBLEMS),
  },
})

/** `PATCH` and `DELETE /v1/tokens/{id}` */
export function changeTokenOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(changeTokenRoute, async (c) => {
    const body = c.req.valid('json')
    const closed = refuseMember(body, c.var.caller)
    if (closed !== undefined) return problemAnswer(c, closed.problem)
    const changes = changesOf(body)
    const outcome = await commit(c, (transaction, context) =>
      changeOneToken(c, { transaction, context }, async (token) =>
        outcomeOf(await changeToken(transaction, { token, changes }, context)),
      ),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    c.header('ETag', entityTag(outcome.value))
    const answer = { ...shownToken(outcome.value), ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 200)
  })
  app.openapi(deleteTokenRoute, async (c) => {
    const outcome = await commit(c, (transaction, context) =>
      changeOneToken(c, { transaction, context }, async (token) => ({
        ok: true,
        value: await deleteToken(transaction, token, context),
      })),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    return waited.kind === 'pending' ? c.json(toldNodes(waited), 202) : c.body(null, 204)
  })
}

/** `null` takes a time away; a member that was not given is no change. */
function changesOf(body: z.output<typeof TokenChangesBody>): TokenChanges {
  const { name, metadata, mode, notBefore, expiresAt } = body
  return {
    ...(name === undefined ? {} : { name }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(mode === undefined ? {} : { mode }),
    ...(notBefore === undefined ? {} : { notBefore: notBefore ?? undefined }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt ?? undefined }),
  }
}
