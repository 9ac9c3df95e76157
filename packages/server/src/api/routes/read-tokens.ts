import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { EpochMs } from '@keyfence/core'
import { boundOwner, maySeeActivity } from '../../access/caller.ts'
import type { ApiEnv } from '../api-context.ts'
import { visibleToken } from '../change-one-token.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { readTwoWayPage, TWO_WAY_PARAMETERS, twoWayPageOf, twoWayPageRequest } from '../page.ts'
import { parseTokenId } from '../parse-identifier.ts'
import { entityTag } from '../precondition.ts'
import { problemAnswer, refuse } from '../problem.ts'
import { ShownTime, shownTimeOrNull } from '../schema/text.ts'
import { shownToken, TOKEN_FILTERS, TokenShown } from '../schema/token.ts'
import type { TokenFilter } from '../../token/token-store.ts'
import { tokenTraffic, TokenTraffic, TRAFFIC_TOKENS_MAX } from '../token-traffic.ts'
import { answered, answeredWithTag, NO_QUERY, readProblems, TOKEN_PATH } from './route-parts.ts'

const IncludedText = z.enum(['traffic']).openapi({
  description: '`traffic`: the calls of each token by the hour, for pages of 50 tokens at most.',
})

const listTokensRoute = createRoute({
  method: 'get',
  path: '/v1/tokens',
  operationId: 'listTokens',
  summary: 'List tokens',
  description:
    'In the order of creation. A key that is bound to an owner sees only theirs. Of tokens that need attention, 1,000 are listed at most.',
  tags: ['Tokens'],
  ...requires('read', { portal: [] }),
  request: {
    query: closedObject({
      ...TWO_WAY_PARAMETERS,
      ...TOKEN_FILTERS,
      include: IncludedText.optional(),
    }),
  },
  responses: {
    200: answered(
      'One page of tokens.',
      twoWayPageOf(TokenShown.extend({ traffic: TokenTraffic.optional() })).openapi('TokenPage'),
    ),
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
  responses: {
    200: answeredWithTag(
      'The token.',
      TokenShown.extend({
        previousSecretEndsAt: ShownTime.nullable().openapi({
          description: 'When the overlap of a rotation ends, while there is one.',
        }),
      }).openapi('ReadToken'),
    ),
    ...readProblems('not_found'),
  },
})

/** `GET /v1/tokens` and `GET /v1/tokens/{id}` */
export function readTokensOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listTokensRoute, async (c) => {
    const query = c.req.valid('query')
    const page = twoWayPageRequest(query, parseTokenId)
    if (!page.ok) return problemAnswer(c, page.problem)
    const withTraffic = query.include === 'traffic'
    if (withTraffic && query.limit > TRAFFIC_TOKENS_MAX) return problemAnswer(c, TOO_MANY.problem)
    const tellsOfCalls = withTraffic || query.attention === 'refused'
    if (tellsOfCalls && !maySeeActivity(c.var.caller)) return problemAnswer(c, UNSEEN.problem)
    const bound = boundOwner(c.var.caller)
    const isOthers = bound !== undefined && query.owner !== undefined && query.owner !== bound
    if (isOthers) return c.json({ items: [] }, 200)
    const { store, clock, activity } = c.var.api
    // Both are told of calls that may not be written yet.
    if (withTraffic || query.attention !== undefined) await activity.flush()
    const filter = filterOf(query, { owner: bound ?? query.owner, now: clock.now() })
    const found = await readTwoWayPage(page.value, (asked) => store.tokens.list(filter, asked))
    const traffic = withTraffic ? await tokenTraffic(c, found.items) : undefined
    const items = found.items.map((token) => ({
      ...shownToken(token),
      ...(traffic === undefined ? {} : { traffic: traffic(token.id) }),
    }))
    return c.json({ ...found, items }, 200)
  })
  app.openapi(readTokenRoute, async (c) => {
    const { store, clock } = c.var.api
    const found = await visibleToken(c, store.tokens)
    if (!found.ok) return problemAnswer(c, found.problem)
    c.header('ETag', entityTag(found.value))
    const secrets = await store.tokens.secretsOf(found.value.id)
    const endsAt = secrets.map((secret) => secret.endsAt).find((end = 0) => end > clock.now())
    const previousSecretEndsAt = shownTimeOrNull(endsAt)
    return c.json({ ...shownToken(found.value), previousSecretEndsAt }, 200)
  })
}

const UNSEEN = refuse('forbidden', 'This needs a link that may activity.')

const TOO_MANY = refuse('invalid_request', {
  detail: `Ask for ${TRAFFIC_TOKENS_MAX} tokens at most where their traffic is included.`,
  parameter: 'limit',
})

type ListQuery = z.infer<z.ZodObject<typeof TOKEN_FILTERS>>

function filterOf(
  { status, name, attention }: ListQuery,
  { owner, now }: { readonly owner: string | undefined; readonly now: EpochMs },
): TokenFilter {
  return {
    owner,
    status,
    nameContains: name,
    attention: attention === undefined ? undefined : { kind: attention, now },
  }
}
