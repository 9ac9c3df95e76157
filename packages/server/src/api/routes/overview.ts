import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { SPANS_MS } from '../../activity/call-count.ts'
import { type Attention, ATTENTION_MAX } from '../../token/attention.ts'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { OutcomeCountShown, shownCount } from '../schema/activity.ts'
import { ShownTime, shownTime } from '../schema/text.ts'
import { answered, readProblems } from './route-parts.ts'

const Counted = z.object({
  count: z.int(),
  isMore: z.boolean().openapi({ description: 'Whether there are more than `count`.' }),
})

const Overview = z
  .object({
    attention: z
      .object({ unrestricted: Counted, expiring: Counted, unused: Counted, refused: Counted })
      .openapi({ description: 'How many tokens need it; each is a filter of the list of tokens.' }),
    since: ShownTime,
    until: ShownTime,
    spanMs: z.int().openapi({ description: 'The width of a point of `series`.' }),
    series: z
      .array(OutcomeCountShown.extend({ startsAt: ShownTime }))
      .openapi({ description: 'Calls of all tokens by the hour and outcome, oldest first.' }),
  })
  .openapi('Overview')

const overviewRoute = createRoute({
  method: 'get',
  path: '/v1/overview',
  operationId: 'readOverview',
  summary: 'Read what needs attention, and how all calls come out',
  description: 'Tokens are counted up to 1,000.',
  tags: ['Overview'],
  ...requires('read', { unbound: true }),
  request: {
    query: closedObject({
      days: z
        .enum(['1', '7'])
        .default('1')
        .openapi({ description: 'How far back the series goes.' }),
    }),
  },
  responses: { 200: answered('The overview.', Overview), ...readProblems() },
})

/** `GET /v1/overview` */
export function overviewOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(overviewRoute, async (c) => {
    const { store, activity, clock } = c.var.api
    await activity.flush()
    const now = clock.now()
    const until = now - (now % SPANS_MS.hour) + SPANS_MS.hour
    const since = until - Number(c.req.valid('query').days) * SPANS_MS.day
    const counted = async (kind: Attention): Promise<z.infer<typeof Counted>> => {
      const count = await store.tokens.count({ attention: { kind, now } }, ATTENTION_MAX + 1)
      return { count: Math.min(count, ATTENTION_MAX), isMore: count > ATTENTION_MAX }
    }
    const attention = {
      unrestricted: await counted('unrestricted'),
      expiring: await counted('expiring'),
      unused: await counted('unused'),
      refused: await counted('refused'),
    }
    const counts = await store.activity.trafficHours({ since, until })
    const series = counts.map((count) => ({
      ...shownCount(count),
      startsAt: shownTime(count.startsAt),
    }))
    return c.json(
      {
        attention,
        since: shownTime(since),
        until: shownTime(until),
        spanMs: SPANS_MS.hour,
        series,
      },
      200,
    )
  })
}
