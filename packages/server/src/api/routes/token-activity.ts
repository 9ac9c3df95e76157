import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { EpochMs } from '@keyfence/core'
import {
  type OutcomeCount,
  type SpanMs,
  SPANS_MS,
  type TimeRange,
} from '../../activity/call-count.ts'
import { boundOwner } from '../../access/caller.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { visibleToken } from '../change-one-token.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { PAGE_PARAMETERS, pageRequest, readPage } from '../page.ts'
import { parseRefusalPosition } from '../parse-identifier.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import {
  OutcomeCountShown,
  RefusalShown,
  SeenShown,
  shownCount,
  shownRefusal,
  shownSeen,
} from '../schema/activity.ts'
import { GivenTime, ShownTime, shownTime } from '../schema/text.ts'
import { answered, readProblems, TOKEN_PATH } from './route-parts.ts'

const Dropped = z.object({ refusals: z.int(), counts: z.int(), seen: z.int() }).nullable().openapi({
  description:
    'Calls of all tokens that this node could not record since it started; `null` for keys that are bound to an owner.',
})

const TokenActivity = z
  .object({
    since: ShownTime,
    until: ShownTime.openapi({ description: 'If nothing is said, the end of this minute.' }),
    counts: z.array(OutcomeCountShown).openapi({ description: 'Calls in this time.' }),
    spanMs: z.int().openapi({ description: 'The width of a point of `series`.' }),
    series: z
      .array(OutcomeCountShown.extend({ startsAt: ShownTime }))
      .openapi({ description: 'The same by time, oldest first.' }),
    refusals: z.array(RefusalShown).openapi({ description: 'Of whatever time, newest first.' }),
    nextCursor: z.string().optional().openapi({ description: 'Absent on the last page.' }),
    seen: z.array(SeenShown).openapi({
      description: 'What calls that the lists judged came from, most calls first; 50 at most.',
    }),
    dropped: Dropped,
  })
  .openapi('TokenActivity')

const tokenActivityRoute = createRoute({
  method: 'get',
  path: '/v1/tokens/{id}/activity',
  operationId: 'readActivity',
  summary: 'Read how a token is used',
  description:
    'Refusals page by page, counts of a time (the last 24 hours, if nothing is said), and where calls came from. Calls are counted by the minute for two days, then by the hour, then by the day.',
  tags: ['Activity'],
  ...requires('read', { portal: ['activity'] }),
  request: {
    params: TOKEN_PATH,
    query: closedObject({
      ...PAGE_PARAMETERS,
      since: GivenTime.optional(),
      until: GivenTime.optional(),
    }),
  },
  responses: {
    200: answered('How the token is used.', TokenActivity),
    ...readProblems('not_found'),
  },
})

/** `GET /v1/tokens/{id}/activity` */
export function tokenActivityOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(tokenActivityRoute, async (c) => {
    const query = c.req.valid('query')
    const page = pageRequest(query, parseRefusalPosition)
    if (!page.ok) return problemAnswer(c, page.problem)
    const range = rangeOf(query, c.var.api.clock.now())
    if (!range.ok) return problemAnswer(c, range.problem)
    const { store, activity } = c.var.api
    const found = await visibleToken(c, store.tokens)
    if (!found.ok) return problemAnswer(c, found.problem)
    const { id } = found.value
    await activity.flush()
    const { items, nextCursor } = await readPage(page.value, async (asked) =>
      (await store.activity.listRefusals({ tokenId: id }, asked)).map((refusal) => ({
        ...refusal,
        id: refusal.position,
      })),
    )
    const { spanMs, ...times } = range.value
    const counts = await store.activity.counts(id, times, spanMs)
    const seen = await store.activity.seen(id)
    return c.json(
      {
        since: shownTime(times.since),
        until: shownTime(times.until),
        counts: summedUp(counts).map(shownCount),
        spanMs,
        series: counts.map((count) => ({
          ...shownCount(count),
          startsAt: shownTime(count.startsAt),
        })),
        refusals: items.map(shownRefusal),
        nextCursor,
        seen: seen.map(shownSeen),
        dropped: droppedFor(c),
      },
      200,
    )
  })
}

/** How much other customers use theirs is nobody's business. */
function droppedFor(c: ApiRequest): z.infer<typeof Dropped> {
  return boundOwner(c.var.caller) === undefined ? { ...c.var.api.activity.dropped } : null
}

const RANGE_MS = SPANS_MS.day

/** Spans so wide that a series has a few hundred points at most. */
function rangeOf(
  query: { readonly since?: EpochMs | undefined; readonly until?: EpochMs | undefined },
  now: EpochMs,
): Outcome<TimeRange & { readonly spanMs: SpanMs }, 'invalid_request'> {
  const endOfMinute = now - (now % SPANS_MS.minute) + SPANS_MS.minute
  const { until = endOfMinute, since = until - RANGE_MS } = query
  if (since >= until) {
    const detail = 'until has to be later than since.'
    return refuse('invalid_request', { detail, parameter: 'until' })
  }
  const spanMs = spanFor(until - since)
  // A span that has begun is counted whole.
  return { ok: true, value: { since: Math.max(0, since - (since % spanMs)), until, spanMs } }
}

function spanFor(rangeMs: number): SpanMs {
  if (rangeMs <= 3 * SPANS_MS.hour) return SPANS_MS.minute
  return rangeMs <= 8 * SPANS_MS.day ? SPANS_MS.hour : SPANS_MS.day
}

/** The same outcomes over all spans, most calls first. */
function summedUp(counts: readonly OutcomeCount[]): OutcomeCount[] {
  const sums = new Map<string, OutcomeCount>()
  for (const counted of counts) {
    const key = `${counted.effect} ${counted.reason} ${counted.source}`
    const before = sums.get(key)?.count ?? 0
    sums.set(key, { ...counted, count: before + counted.count })
  }
  return [...sums.values()].sort((one, other) => other.count - one.count)
}
