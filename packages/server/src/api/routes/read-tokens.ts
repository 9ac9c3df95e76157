import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { boundOwner } from '../../access/caller.ts'
import type { ApiEnv } from '../api-context.ts'
import { visibleToken } from '../change-one-token.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { PAGE_PARAMETERS, pageOf, pageRequest, readPage } from '../page.ts'
import { parseTokenId } from '../parse-identifier.ts'
import { entityTag } from '../precondition.ts'
import { problemAnswer } from '../problem.ts'
import { shownToken, TOKEN_FILTERS, TokenShown } from '../schema/token.ts'
import { answered, answeredWithTag, NO_QUERY, readProblems, TOKEN_PATH } from './route-parts.ts'

const listTokensRoute = createRoute({
  method: 'get',
  path: '/v1/tokens',
  operationId: 'listTokens',
  summary: 'List tokens',
  description: 'In the order of creation. A key that is bound to an owner sees only theirs.',
  tags: ['Tokens'],
  ...requires('read', { portal: [] }),
  request: { query: closedObject({ ...PAGE_PARAMETERS, ...TOKEN_FILTERS }) },
  responses: {
    200: answered('One page of tokens.', pageOf(TokenShown).openapi('TokenPage')),
    ...readProblems(),
  },
})

const readTokenRoute = createRoute({
  method: 'get',
  path: '/v1/tokens/{id}',
  operationId: 'readToken',
  summary: 'Read a token',
  tags: ['Tokens'],
  ...requires('read', { portal: [] }),
  request: { query: NO_QUERY, params: TOKEN_PATH },
  responses: { 200: answeredWithTag('The token.', TokenShown), ...readProblems('not_found') },
})

/** `GET /v1/tokens` and `GET /v1/tokens/{id}` */
export function readTokensOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listTokensRoute, async (c) => {
    const query = c.req.valid('query')
    const page = pageRequest(query, parseTokenId)
    if (!page.ok) return problemAnswer(c, page.problem)
    const bound = boundOwner(c.var.caller)
    const isOthers = bound !== undefined && query.owner !== undefined && query.owner !== bound
    if (isOthers) return c.json({ items: [] }, 200)
    const filter = { owner: bound ?? query.owner, status: query.status, nameContains: query.name }
    const found = await readPage(page.value, (asked) => c.var.api.store.tokens.list(filter, asked))
    return c.json({ ...found, items: found.items.map(shownToken) }, 200)
  })
  app.openapi(readTokenRoute, async (c) => {
    const found = await visibleToken(c, c.var.api.store.tokens)
    if (!found.ok) return problemAnswer(c, found.problem)
    c.header('ETag', entityTag(found.value))
    return c.json(shownToken(found.value), 200)
  })
}
