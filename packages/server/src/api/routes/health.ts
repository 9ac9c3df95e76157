import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiContext, ApiEnv } from '../api-context.ts'
import { problemResponses } from '../problem.ts'
import { answered } from './route-parts.ts'

const open = { tags: ['Health'], security: [] }
const problems = problemResponses(['misdirected_host', 'internal_error'])

const healthRoute = createRoute({
  ...open,
  method: 'get',
  path: '/healthz',
  operationId: 'health',
  summary: 'Ask whether the process answers',
  responses: { 200: answered('It does.', z.object({ status: z.literal('ok') })), ...problems },
})

const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    reason: z.enum(['draining', 'no_copy', 'copy_too_old', 'event_loop_late']).nullable().openapi({
      description:
        '`draining`: about to stop. `no_copy`: the tokens were not read yet. `copy_too_old`: not read for longer than `maxStaleness`. `event_loop_late`: a thread was more than 200 ms late within the last second.',
    }),
    store: z.enum(['answers', 'unavailable']).openapi({
      description: 'Known tokens are decided without the store until the copy is too old.',
    }),
    revision: z.int(),
    copyAgeMs: z.number().nullable(),
  })
  .openapi('Readiness')

const readinessRoute = createRoute({
  ...open,
  method: 'get',
  path: '/readyz',
  operationId: 'readiness',
  summary: 'Ask whether requests should be sent here',
  responses: {
    200: answered('They should.', Readiness),
    503: answered('They should not, for this reason.', Readiness),
    ...problems,
  },
})

const metricsRoute = createRoute({
  ...open,
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  summary: 'Read metrics for Prometheus',
  responses: {
    200: { description: 'Text exposition.', content: { 'text/plain': { schema: z.string() } } },
    ...problems,
  },
})

/** `GET /healthz`, `/readyz` and `/metrics`, for whoever reaches the listener. */
export function healthOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(readinessRoute, async (c) => {
    const readiness = await readinessOf(c.var.api)
    return c.json(readiness, readiness.status === 'ready' ? 200 : 503)
  })
  app.openapi(metricsRoute, async (c) => {
    const { metrics } = c.var.api
    return c.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType })
  })
}

/**
 * Of several reasons, the one that lasts longest. A lost store alone is no reason: every node loses it at
 * once, and known tokens are decided on.
 */
async function readinessOf(api: ApiContext): Promise<z.infer<typeof Readiness>> {
  const { revision, staleForMs, isFresh } = api.follower.freshness()
  const store = await storeState(api)
  const lateProblem = api.isLoopLate() ? 'event_loop_late' : null
  const reason = api.isDraining() ? 'draining' : (copyProblem(isFresh, staleForMs) ?? lateProblem)
  const status = reason === null ? 'ready' : 'not_ready'
  return { status, reason, store, revision, copyAgeMs: staleForMs ?? null }
}

/** A probe does not wait for as long as a write may. */
const PING_TIMEOUT_MS = 500

function storeState({ store }: ApiContext): Promise<'answers' | 'unavailable'> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve('unavailable'), PING_TIMEOUT_MS)
    const settle = (state: 'answers' | 'unavailable'): void => {
      clearTimeout(timeout)
      resolve(state)
    }
    store.ping().then(
      () => settle('answers'),
      () => settle('unavailable'),
    )
  })
}

function copyProblem(
  isFresh: boolean,
  staleForMs: number | undefined,
): 'no_copy' | 'copy_too_old' | null {
  if (isFresh) return null
  return staleForMs === undefined ? 'no_copy' : 'copy_too_old'
}
