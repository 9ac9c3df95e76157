import { z } from '@hono/zod-openapi'
import { setTimeout as delay } from 'node:timers/promises'
import { boundOwner } from '../access/caller.ts'
import type { FeedPosition } from '../fence/follow.ts'
import type { KnownNode } from '../fleet/fleet-node.ts'
import type { ApiRequest } from './api-context.ts'
import { closedObject } from './closed-object.ts'
import type { AppliedNodes } from './schema/applied-nodes.ts'

const WAIT_SECONDS = 30
const WAIT_SECONDS_MAX = 120

/** The answer holds a secret: whoever gives up waiting for it has lost it. */
const ROTATION_WAIT_SECONDS = 5

const WAIT_ALL =
  'Answer when every live node, guards included, has applied the change. Else 202: it is made all the same, and `nodes` names those that have not applied it.'

/** The query of changes that can be answered later: once every node has applied them. */
export const WAIT_QUERY = closedObject({
  wait: z.enum(['all']).optional().openapi({ description: WAIT_ALL }),
  waitSeconds: waitSecondsText().openapi({
    type: 'integer',
    description: `For how long at most. Default: ${WAIT_SECONDS}.`,
  }),
})

/** The same where it is the rule: who has a new secret uses it at once, and anywhere. */
export const ROTATION_WAIT_QUERY = closedObject({
  wait: z
    .enum(['all', 'none'])
    .default('all')
    .openapi({ description: `${WAIT_ALL} \`none\`: at once.` }),
  waitSeconds: waitSecondsText()
    .transform((seconds) => seconds ?? ROTATION_WAIT_SECONDS)
    .openapi({
      type: 'integer',
      description: `For how long at most. Default: ${ROTATION_WAIT_SECONDS}.`,
    }),
})

function waitSecondsText() {
  return z
    .string()
    .regex(/^[0-9]{1,3}$/)
    .transform(Number)
    .refine((seconds) => seconds <= WAIT_SECONDS_MAX, `Seconds, ${WAIT_SECONDS_MAX} at most.`)
    .optional()
}

/** What was waited for. */
export type Waited =
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'everywhere' | 'pending'; readonly nodes: z.infer<typeof AppliedNodes> }

interface WaitQuery {
  readonly wait?: 'all' | 'none' | undefined
  readonly waitSeconds?: number | undefined
}

/** What an answer tells of the nodes beside what was changed: nothing where nobody waited. */
export function toldNodes(waited: Waited): { readonly nodes?: z.infer<typeof AppliedNodes> } {
  return waited.kind === 'not_asked' ? {} : { nodes: waited.nodes }
}

/**
 * If the request says so, waits until every node that may decide has applied what this one has, or
 * until the time is over. A node whose lease ends meanwhile refuses everything and is waited for no longer.
 */
export async function waitForNodes(
  c: ApiRequest,
  { wait, waitSeconds = WAIT_SECONDS }: WaitQuery,
): Promise<Waited> {
  const { follower, clock, isDraining } = c.var.api
  const target = follower.position
  if (wait !== 'all' || target === undefined) return { kind: 'not_asked' }
  const until = clock.monotonicMs() + waitSeconds * 1000
  const seen = new Map<string, SeenNode>()
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS_MAX)) {
    await look(c, target, seen)
    const isPending = [...seen.values()].some(({ state }) => state === 'pending')
    const isOver = clock.monotonicMs() >= until || isDraining() || c.req.raw.signal.aborted
    if (!isPending || isOver) {
      return { kind: isPending ? 'pending' : 'everywhere', nodes: shownNodes(c, seen) }
    }
    await delay(pauseMs)
  }
}

const PAUSE_MS_MIN = 50
const PAUSE_MS_MAX = 500

interface SeenNode {
  readonly node: Pick<KnownNode, 'id' | 'kind' | 'name'>
  readonly state: 'applied' | 'pending' | 'gone'
}

async function look(
  c: ApiRequest,
  target: FeedPosition,
  seen: Map<string, SeenNode>,
): Promise<void> {
  const { store, fleet } = c.var.api
  const nodes = await store.nodes.list()
  for (const [id, before] of seen) {
    // It left: it has stopped, and decides nothing any more.
    const hasLeft = !nodes.some((node) => node.id === id)
    if (hasLeft && before.state === 'pending') seen.set(id, { ...before, state: 'gone' })
  }
  for (const node of nodes) {
    const isLive = node.leaseLeftMs > 0
    // Who was gone before this change has nothing to do with it.
    if (!isLive && !seen.has(node.id)) continue
    const hasApplied = node.id === fleet?.self.id || isAt(node.position, target)
    const state = hasApplied ? 'applied' : isLive ? 'pending' : 'gone'
    seen.set(node.id, { node, state })
  }
  // It has applied the change before this began, and may not have reported yet.
  if (fleet !== undefined) seen.set(fleet.self.id, { node: fleet.self, state: 'applied' })
}

function isAt(position: FeedPosition | undefined, target: FeedPosition): boolean {
  return position?.epoch === target.epoch && position.revision >= target.revision
}

/** Their names may be those of machines, which is nothing for owners. */
function shownNodes(
  c: ApiRequest,
  seen: ReadonlyMap<string, SeenNode>,
): z.infer<typeof AppliedNodes> {
  const isBound = boundOwner(c.var.caller) !== undefined
  return [...seen.values()].map(({ node, state }) => ({
    id: node.id,
    kind: node.kind,
    name: isBound ? null : node.name,
    state,
  }))
}
