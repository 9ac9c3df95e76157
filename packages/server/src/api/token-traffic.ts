import { z } from '@hono/zod-openapi'
import { SPANS_MS } from '../activity/call-count.ts'
import type { TokenId } from '../identifier/identifier.ts'
import { REFUSED_HOURS, REFUSED_MIN } from '../token/attention.ts'
import type { Token } from '../token/token.ts'
import type { ApiRequest } from './api-context.ts'
import { ShownTime, shownTime } from './schema/text.ts'

/** More tokens than this have no traffic in one answer: each may have thousands of counts. */
export const TRAFFIC_TOKENS_MAX = 50

const HOURS = 36

/** The calls of one token, by the hour. */
export const TokenTraffic = z
  .object({
    since: ShownTime.openapi({ description: 'When the first of the 36 hours began.' }),
    allowed: z.array(z.int()).openapi({ description: 'Calls in each hour, oldest first.' }),
    refused: z.array(z.int()),
    manyRefusals: z.boolean().openapi({
      description: 'Whether 20 calls or more were refused in the last 24 of these hours.',
    }),
  })
  .openapi('TokenTraffic')

/**
 * The calls of these tokens in the last 36 hours, found by one question to the store.
 * @returns what gives a token's.
 */
export async function tokenTraffic(
  c: ApiRequest,
  tokens: readonly Token[],
): Promise<(id: TokenId) => z.infer<typeof TokenTraffic>> {
  const { store, clock } = c.var.api
  const now = clock.now()
  const until = now - (now % SPANS_MS.hour) + SPANS_MS.hour
  const since = until - HOURS * SPANS_MS.hour
  const hours = await store.activity.tokenHours(
    tokens.map(({ id }) => id),
    { since, until },
  )
  const byToken = Map.groupBy(hours, ({ tokenId }) => tokenId)
  return (id) => {
    const [allowed, refused] = [hourly(), hourly()]
    for (const hour of byToken.get(id) ?? []) {
      const at = (hour.startsAt - since) / SPANS_MS.hour
      allowed[at] = hour.allowed
      refused[at] = hour.refused
    }
    const lately = refused.slice(-REFUSED_HOURS).reduce((total, calls) => total + calls, 0)
    return { since: shownTime(since), allowed, refused, manyRefusals: lately >= REFUSED_MIN }
  }
}

function hourly(): number[] {
  return Array.from({ length: HOURS }, () => 0)
}
