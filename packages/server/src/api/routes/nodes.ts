import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { KnownNode } from '../../fleet/fleet-node.ts'
import type { ApiContext, ApiEnv } from '../api-context.ts'
import { requires } from '../gate/requires.ts'
import { ShownTime, shownTime } from '../schema/text.ts'
import { answered, NO_QUERY, readProblems } from './route-parts.ts'

const NodeShown = z
  .object({
    id: z
      .string()
      .openapi({ description: 'Of this run: a node that starts again is another one.' }),
    kind: z.enum(['server', 'guard']),
    name: z.string().openapi({ description: 'Of the machine; of a guard, the key that it has.' }),
    isSelf: z.boolean().openapi({ description: 'Whether it is the one that answers.' }),
    version: z.string(),
    startedAt: ShownTime.openapi({ description: 'Of a guard: when it last asked for changes.' }),
    revision: z
      .int()
      .openapi({ description: 'Up to where it has applied the changes of the store.' }),
    staleForMs: z.int().nullable().openapi({
      description:
        'How old its copy of the tokens is, of other nodes at most: they report when they have something to say, and every quarter of `maxStaleness`. `null` before the first copy.',
    }),
    isFresh: z.boolean().openapi({ description: 'Otherwise it answers 503.' }),
    isDraining: z.boolean(),
    leaseLeftMs: z.int().nullable().openapi({
      description:
        'For how long it counts if it does not report again; 0: it is gone, and decides nothing. `null`: it could not report yet.',
    }),
  })
  .openapi('Node')

const nodesRoute = createRoute({
  method: 'get',
  path: '/v1/nodes',
  operationId: 'listNodes',
  summary: 'List the nodes and how far each is',
  description:
    'All that share the store, guards included. A node that has stopped is not among them; one that was lost is, for a day.',
  tags: ['Overview'],
  ...requires('read', { unbound: true }),
  request: { query: NO_QUERY },
  responses: {
    200: answered('All of them.', z.object({ items: z.array(NodeShown) }).openapi('NodeList')),
    ...readProblems(),
  },
})

/** `GET /v1/nodes` */
export function nodesOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(nodesRoute, async (c) => {
    const { api } = c.var
    const known = await api.store.nodes.list()
    const self = api.fleet?.self.id
    const others = known.filter(({ id }) => id !== self)
    const own = shownSelf(
      api,
      known.find(({ id }) => id === self),
    )
    return c.json({ items: [...own, ...others.map((node) => shownOther(api, node))] }, 200)
  })
}

/** As it is now, whatever it has reported. */
function shownSelf(
  { fleet, follower, isDraining }: ApiContext,
  reported: KnownNode | undefined,
): readonly z.infer<typeof NodeShown>[] {
  if (fleet === undefined) return []
  const { revision, staleForMs, isFresh } = follower.freshness()
  const { startedAt, ...self } = fleet.self
  return [
    {
      ...self,
      isSelf: true,
      startedAt: shownTime(startedAt),
      revision,
      staleForMs: staleForMs === undefined ? null : Math.round(staleForMs),
      isFresh,
      isDraining: isDraining(),
      leaseLeftMs: reported === undefined ? null : Math.max(0, Math.round(reported.leaseLeftMs)),
    },
  ]
}

function shownOther({ settings }: ApiContext, node: KnownNode): z.infer<typeof NodeShown> {
  const { id, kind, name, version, isDraining, position } = node
  const ageMs = kind === 'guard' ? node.reportedMsAgo : node.copyAgeMs
  const staleForMs = position === undefined || ageMs === undefined ? null : Math.round(ageMs)
  const isLive = node.leaseLeftMs > 0
  return {
    id,
    kind,
    name,
    isSelf: false,
    version,
    startedAt: shownTime(node.startedAt),
    revision: position?.revision ?? 0,
    staleForMs,
    isFresh: isLive && staleForMs !== null && staleForMs <= settings.maxStalenessMs,
    isDraining,
    leaseLeftMs: Math.max(0, Math.round(node.leaseLeftMs)),
  }
}
