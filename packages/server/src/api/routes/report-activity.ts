import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { boundOwner } from '../../access/caller.ts'
import type { ActivityBatch } from '../../activity/activity-batch.ts'
import { inertMethod, inertPath } from '../../activity/inert-text.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { ApiEnv } from '../api-context.ts'
import { requires } from '../gate/requires.ts'
import { answerOnce, IDEMPOTENCY_KEY, type OnceAnswer } from '../idempotency.ts'
import { problemAnswer, refuse } from '../problem.ts'
import { ActivityReport, REPORT_BYTES_MAX } from '../schema/activity-report.ts'
import { answered, changeProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

/** A guard that was cut off for longer has nothing that is still worth telling. */
const AGE_MS_MAX = 24 * 60 * 60 * 1000
const AHEAD_MS_MAX = 5 * 60 * 1000

const Recorded = z
  .object({
    recorded: z.int(),
    refused: z.int().openapi({
      description:
        'Rows of which nothing was kept: of tokens that are not there, or are not the caller’s.',
    }),
  })
  .openapi('RecordedActivity')

const reportActivityRoute = createRoute({
  method: 'post',
  path: '/v1/activity',
  operationId: 'reportActivity',
  summary: 'Report what a guard observed',
  description:
    'Refusals, counts and what was seen within one minute. A repetition with the same `Idempotency-Key` counts nothing twice. A key that is bound to an owner reports of theirs alone, and nothing of calls without a known token.',
  tags: ['Activity'],
  ...requires('feed', { bodyBytesMin: REPORT_BYTES_MAX }),
  request: {
    query: NO_QUERY,
    headers: z.object(IDEMPOTENCY_KEY),
    body: jsonBodyOf(ActivityReport),
  },
  responses: {
    200: answered('How much of it was recorded.', Recorded),
    ...changeProblems('idempotency_key_reused'),
  },
})

/** `POST /v1/activity` */
export function reportActivityOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(reportActivityRoute, async (c) => {
    const report = c.req.valid('json')
    const { store, clock, settings } = c.var.api
    const now = clock.now()
    if (report.minute < now - AGE_MS_MAX || report.minute > now + AHEAD_MS_MAX) {
      return problemAnswer(c, OTHER_TIME.problem)
    }
    const owner = boundOwner(c.var.caller)
    const outcome = await store.transact((transaction) =>
      answerOnce<RecordedOnce>(c, { transaction, now, status: 200 }, async () => {
        const owners = await transaction.tokens.ownersOf(tokensOf(report))
        const { batch, refused } = batchOf(report, { owners, owner })
        await transaction.activity.record(batch, settings)
        return { ok: true, value: { recorded: rowsOf(report) - refused, refused } }
      }),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const { recorded, refused } = outcome.value
    return c.json({ recorded, refused }, 200)
  })
}

type RecordedOnce = OnceAnswer & z.infer<typeof Recorded>

const OTHER_TIME = refuse('invalid_request', {
  detail: 'The minute is older than a day or to come. Set the clock of the machine that reports.',
  path: '/minute',
})

function rowsOf({ refusals, counts, seen }: ActivityReport): number {
  return refusals.length + counts.length + seen.length
}

function tokensOf({ refusals, counts, seen }: ActivityReport): readonly TokenId[] {
  const ids = [...refusals, ...counts, ...seen].map(({ tokenId }) => tokenId)
  return [...new Set(ids)].filter((id) => id !== null)
}

interface Reportable {
  readonly owners: ReadonlyMap<TokenId, string>
  /** Whose tokens the caller may report of; `undefined`: all. */
  readonly owner: string | undefined
}

/** What may be kept of a report; whose a token is, is the store's word and never the caller's. */
function batchOf(
  report: ActivityReport,
  { owners, owner }: Reportable,
): { readonly batch: ActivityBatch; readonly refused: number } {
  const mayReport = ({ tokenId }: { readonly tokenId: TokenId | null }): boolean => {
    if (tokenId === null) return owner === undefined
    const known = owners.get(tokenId)
    return known !== undefined && (owner === undefined || known === owner)
  }
  const refusals = report.refusals.filter(mayReport)
  const counts = report.counts.filter(mayReport)
  const seen = report.seen.filter(mayReport)
  const used = counts.flatMap(({ effect, tokenId }) =>
    effect === 'allow' && tokenId !== null ? [tokenId] : [],
  )
  const batch: ActivityBatch = {
    minute: report.minute,
    refusals: refusals.map(({ tokenId, source, domain, address, method, path, ...refusal }) => ({
      ...refusal,
      tokenId: tokenId ?? undefined,
      owner: tokenId === null ? undefined : owners.get(tokenId),
      source: source ?? undefined,
      domain: domain ?? undefined,
      address: address ?? undefined,
      method: inertMethod(method),
      path: inertPath(path),
    })),
    counts: counts.map(({ tokenId, source, ...count }) => ({
      ...count,
      tokenId: tokenId ?? undefined,
      source: source ?? undefined,
    })),
    seen,
    used: [...new Set(used)],
  }
  return { batch, refused: rowsOf(report) - refusals.length - counts.length - seen.length }
}
