import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { explainReason, UNRESTRICTED } from '@keyfence/core'
import { boundOwner } from '../../access/caller.ts'
import type { KeptRefusal, RefusalFilter, RefusalPosition } from '../../activity/refusal.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { cursorOf, PAGE_PARAMETERS, pageOf, pageRequest, readPage } from '../page.ts'
import { parseRefusalPosition, parseRequestId, parseTokenId } from '../parse-identifier.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { RefusalReasonText, RefusalShown, shownRefusal } from '../schema/activity.ts'
import { OwnerText } from '../schema/text.ts'
import { answered, NO_QUERY, readProblems } from './route-parts.ts'

const Filters = closedObject({
  ...PAGE_PARAMETERS,
  after: z.string().max(200).optional().openapi({
    description:
      'A `tailCursor`: gives what was refused since then, oldest first. In place of `cursor`.',
  }),
  token: z.string().max(64).optional().openapi({ description: 'The id of a token.' }),
  owner: OwnerText.optional(),
  reason: RefusalReasonText.optional(),
})

const RefusalPage = pageOf(RefusalShown)
  .extend({
    tailCursor: z.string().openapi({
      description: 'To be given as `after`, for what will be refused from here on.',
    }),
  })
  .openapi('RefusalPage')

const listRefusalsRoute = createRoute({
  method: 'get',
  path: '/v1/refusals',
  operationId: 'listRefusals',
  summary: 'List or follow refusals',
  description:
    'Newest first, or with `after` what came since. A key that is bound to an owner sees those of their tokens alone.',
  tags: ['Activity'],
  ...requires('read', { portal: ['activity'] }),
  request: { query: Filters },
  responses: { 200: answered('One page of refusals.', RefusalPage), ...readProblems() },
})

const readRefusalRoute = createRoute({
  method: 'get',
  path: '/v1/refusals/{id}',
  operationId: 'readRefusal',
  summary: 'Ask why a request was refused',
  description: 'By the `Keyfence-Request-Id` that its caller got.',
  tags: ['Activity'],
  ...requires('read', { portal: ['activity'] }),
  request: {
    query: NO_QUERY,
    params: z.object({ id: z.string().openapi({ example: 'req_3q2-7wAAAAAAAAAAAAAAAA' }) }),
  },
  responses: {
    200: answered(
      'The refusal.',
      RefusalShown.extend({
        sentence: z.string().openapi({
          description: 'What happened and what to do, by the lists that the token has now.',
        }),
      }).openapi('ExplainedRefusal'),
    ),
    ...readProblems('not_found'),
  },
})

/** `GET /v1/refusals` and `GET /v1/refusals/{id}` */
export function refusalsOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listRefusalsRoute, async (c) => {
    const asked = c.req.valid('query')
    const filter = filterOf(c, asked)
    if (!filter.ok) return problemAnswer(c, filter.problem)
    const isFollowing = asked.after !== undefined
    if (isFollowing && asked.cursor !== undefined) return problemAnswer(c, BOTH_GIVEN.problem)
    const page = isFollowing
      ? pageRequest({ limit: asked.limit, cursor: asked.after }, parseRefusalPosition, 'after')
      : pageRequest(asked, parseRefusalPosition)
    if (!page.ok) return problemAnswer(c, page.problem)
    const { store, activity } = c.var.api
    await activity.flush()
    if (filter.value === 'others') return c.json({ items: [], tailCursor: START }, 200)
    if (isFollowing) {
      const items = await store.activity.followRefusals(filter.value, page.value)
      const tailCursor = cursorOf(items.at(-1)?.position ?? page.value.after ?? FIRST)
      return c.json({ items: items.map(shownRefusal), tailCursor }, 200)
    }
    const list = store.activity.listRefusals.bind(undefined, filter.value)
    const found = await readPage(page.value, async (read) => (await list(read)).map(withId))
    const tailCursor = cursorOf(found.items[0]?.position ?? FIRST)
    return c.json({ ...found, items: found.items.map(shownRefusal), tailCursor }, 200)
  })
  app.openapi(readRefusalRoute, async (c) => {
    const found = await visibleRefusal(c)
    if (!found.ok) return problemAnswer(c, found.problem)
    return c.json({ ...shownRefusal(found.value), sentence: await explained(c, found.value) }, 200)
  })
}

/** Before the first refusal. */
const FIRST = '0' as RefusalPosition
const START = cursorOf(FIRST)

const BOTH_GIVEN = refuse('invalid_request', {
  detail: 'Give cursor for older refusals, or after for newer ones.',
  parameter: 'after',
})

/** `others`: of an owner whose tokens the caller does not see. */
function filterOf(
  c: ApiRequest,
  asked: z.output<typeof Filters>,
): Outcome<RefusalFilter | 'others', 'invalid_request'> {
  const { token, owner, reason } = asked
  const tokenId = token === undefined ? undefined : parseTokenId(token)
  if (token !== undefined && tokenId === undefined) {
    const detail = 'A token is named by its id, tok_…; list them at /v1/tokens.'
    return refuse('invalid_request', { detail, parameter: 'token' })
  }
  const bound = boundOwner(c.var.caller)
  if (bound !== undefined && owner !== undefined && owner !== bound) {
    return { ok: true, value: 'others' }
  }
  return { ok: true, value: { tokenId, owner: bound ?? owner, reason } }
}

function withId(refusal: KeptRefusal): KeptRefusal & { readonly id: RefusalPosition } {
  return { ...refusal, id: refusal.position }
}

async function visibleRefusal(c: ApiRequest): Promise<Outcome<KeptRefusal, 'not_found'>> {
  const { store, activity } = c.var.api
  const id = parseRequestId(c.req.param('id') ?? '')
  await activity.flush()
  const refusal = id === undefined ? undefined : await store.activity.findRefusal(id)
  const bound = boundOwner(c.var.caller)
  if (refusal === undefined || (bound !== undefined && refusal.owner !== bound)) {
    return refuse('not_found', NO_SUCH_REFUSAL)
  }
  return { ok: true, value: refusal }
}

const NO_SUCH_REFUSAL =
  'No such refusal is kept. Copy the Keyfence-Request-Id of the answer as it is; old ones are forgotten.'

/** The lists may have been changed since: it is told what to do now. */
async function explained(c: ApiRequest, refusal: KeptRefusal): Promise<string> {
  const { tokenId, reason, domain, address } = refusal
  const token = tokenId === undefined ? undefined : await c.var.api.store.tokens.find(tokenId)
  const restrictions = token?.restrictions ?? UNRESTRICTED
  return explainReason(reason, { domain, address, restrictions })
}
