import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { actorOf, boundOwner } from '../../access/caller.ts'
import { type FeedPage, NO_REVISION, type Revision } from '../../fence/change-feed.ts'
import type { FeedPosition } from '../../fence/follow.ts'
import type { ApiContext, ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { gzipAnswer } from '../gate/gzip-answer.ts'
import { requires } from '../gate/requires.ts'
import { FeedChange, shownChange } from '../schema/feed.ts'
import { answered, readProblems } from './route-parts.ts'

/** How many changes one answer holds at most. */
export const FEED_PAGE_LENGTH = 1000

const WAIT_SECONDS_MAX = 30

const FeedQuery = closedObject({
  epoch: z
    .string()
    .regex(/^[!-~]{1,100}$/)
    .optional()
    .openapi({ description: 'The `epoch` of the page before; without one, all is read again.' }),
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'The revision of the page before.')
    .transform(Number)
    .optional()
    .openapi({ type: 'integer', description: 'The `revision` of the page before.' }),
  wait: z
    .string()
    .regex(/^(?:[12]?[0-9]|30)$/, `Seconds, ${WAIT_SECONDS_MAX} at most.`)
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      description: 'For how many seconds to wait for a change if there is none. Default: 0.',
    }),
})

/** By these a guard becomes a node: without an id nobody waits for it. */
const GUARD_FIELDS = {
  'Keyfence-Guard-Id': z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,64}$/, '8 to 64 of letters, digits, - and _.')
    .optional()
    .openapi({
      description:
        'By chance, one for each run of a guard. With it the guard is listed at `/v1/nodes`, and `?wait=all` waits until it has asked behind a change.',
    }),
  'Keyfence-Guard-Max-Staleness-Ms': z
    .string()
    .regex(/^(?:[1-9][0-9]{0,5}|[12][0-9]{6}|3[0-5][0-9]{5}|3600000)$/, 'At most 3600000.')
    .optional()
    .openapi({
      description: 'For how long it decides after it last asked. Default: `maxStaleness` here.',
    }),
  'Keyfence-Guard-Version': z
    .string()
    .regex(/^[0-9A-Za-z.+-]{1,40}$/)
    .optional(),
} as const

const FeedAnswer = z
  .object({
    epoch: z.string(),
    after: z.int().openapi({
      description:
        'The page begins behind it. 0 though another was asked for: what is known so far counts no more, and the whole feed follows.',
    }),
    revision: z.int().openapi({ description: 'Up to where the page goes: the next `after`.' }),
    head: z.int().openapi({ description: 'The newest revision. The copy is whole at it.' }),
    settings: z
      .object({
        tokenPrefix: z.string(),
        tokenFields: z.array(z.object({ name: z.string(), scheme: z.string().nullable() })),
        tokenQuery: z.string().nullable(),
        httpsOriginsOnly: z.boolean(),
        forwardMetadata: z.boolean(),
      })
      .openapi({ description: 'The settings of this node that a guard judges by.' }),
    changes: z.array(FeedChange),
  })
  .openapi('FeedPage')

const required = requires('feed')

const feedRoute = createRoute({
  method: 'get',
  path: '/v1/feed',
  operationId: 'readFeed',
  summary: 'Follow the changes of all tokens',
  description:
    'Each token once, at its newest change, oldest first. With `wait`, an answer without changes is a sign of life. A key that is bound to an owner sees the changes of theirs alone; a deleted token, and one that the key does not see any more, is `removed`.',
  tags: ['Enforcement'],
  ...required,
  middleware: [gzipAnswer, ...required.middleware],
  request: { query: FeedQuery, headers: z.object(GUARD_FIELDS) },
  responses: {
    200: answered('Up to 1000 changes, or none once the time to wait is over.', FeedAnswer),
    ...readProblems(),
  },
})

/** `GET /v1/feed` */
export function feedOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(feedRoute, async (c) => {
    const { epoch, after, wait = 0 } = c.req.valid('query')
    const asked =
      epoch === undefined || after === undefined
        ? undefined
        : { epoch, revision: after as Revision } // may be anything: what is not ours is read anew
    await noteGuard(c, asked, c.req.valid('header'))
    if (asked !== undefined && wait > 0) await waitForChange(c, asked, wait * 1000)
    const { api, caller } = c.var
    const { from, page } = await readFrom(api, asked)
    const owner = boundOwner(caller)
    const seen = page.changes.filter((change) => owner === undefined || change.owner === owner)
    return c.json(
      {
        epoch: page.epoch,
        after: from,
        revision: page.next ?? page.head,
        head: page.head,
        settings: judgedBy(api),
        changes: seen.map((change) => shownChange(change, api.settings)),
      },
      200,
    )
  })
}

/** A guard is a node too, named within what its key may say: no guard can speak for another one. */
async function noteGuard(
  c: ApiRequest,
  position: FeedPosition | undefined,
  fields: { readonly [Name in keyof typeof GUARD_FIELDS]?: string | undefined },
): Promise<void> {
  const { fleet, clock, settings } = c.var.api
  const guardId = fields['Keyfence-Guard-Id']
  if (guardId === undefined || fleet === undefined) return
  const staleness = fields['Keyfence-Guard-Max-Staleness-Ms']
  const name = actorOf(c.var.caller)
  await fleet.asked({
    identity: {
      id: `guard_${name}_${guardId}`,
      kind: 'guard',
      name,
      version: fields['Keyfence-Guard-Version'] ?? '',
      startedAt: clock.now(),
    },
    position,
    maxStalenessMs: staleness === undefined ? settings.maxStalenessMs : Number(staleness),
  })
}

/**
 * Resolves when this node knows of a change behind the place, when the time is over, or when nobody
 * waits any more. Every poll of the node is a look, so no waiting request has a timer of its own.
 */
async function waitForChange(c: ApiRequest, asked: FeedPosition, waitMs: number): Promise<void> {
  const { follower, clock, isDraining } = c.var.api
  const until = clock.monotonicMs() + waitMs
  let hasLooked = false
  while (!isDraining() && !c.req.raw.signal.aborted && clock.monotonicMs() < until) {
    const { position } = follower
    if (position?.epoch !== asked.epoch || position.revision > asked.revision) return
    // The place may come from a node that is ahead. One that stays ahead is of a store that is not ours.
    if (position.revision < asked.revision && hasLooked) return
    await follower.nextPoll()
    hasLooked = true
  }
}

/** The page behind a place; from the beginning if it is in another feed than ours, or ahead of it. */
async function readFrom(
  { store }: ApiContext,
  asked: FeedPosition | undefined,
): Promise<{ readonly from: Revision; readonly page: FeedPage }> {
  const from = asked?.revision ?? NO_REVISION
  const page = await store.feed.read(from, FEED_PAGE_LENGTH)
  if (asked === undefined || (page.epoch === asked.epoch && page.head >= from)) {
    return { from, page }
  }
  return { from: NO_REVISION, page: await store.feed.read(NO_REVISION, FEED_PAGE_LENGTH) }
}

function judgedBy({ settings }: ApiContext) {
  const { tokenPrefix, tokenFields, tokenQuery, httpsOriginsOnly, forwardMetadata } = settings
  return {
    tokenPrefix,
    tokenFields: tokenFields.map(({ name, scheme }) => ({ name, scheme: scheme ?? null })),
    tokenQuery: tokenQuery ?? null,
    httpsOriginsOnly,
    forwardMetadata,
  }
}
