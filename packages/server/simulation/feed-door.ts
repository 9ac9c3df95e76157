import { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiContext, ApiEnv } from '../src/api/api-context.ts'
import { feedOn } from '../src/api/routes/feed.ts'
import type { Store } from '../src/store/store.ts'
import type { Schedule } from './schedule.ts'
import type { SimulatedNode } from './simulated-node.ts'

/** Where a guard reads the feed. */
export interface FeedDoor {
  /** The answer's text; rejects if there is none. */
  get(url: string): Promise<string>
}

const SETTINGS = {
  tokenPrefix: 'kf_',
  tokenFields: [{ name: 'authorization', scheme: 'bearer' }],
  tokenQuery: undefined,
  httpsOriginsOnly: false,
  // The mark of a version is in it.
  forwardMetadata: true,
}

const NEVER = (): boolean => false

/** The route of the feed, at one node. */
export function feedDoor(
  node: SimulatedNode,
  { store, schedule }: { readonly store: Store; readonly schedule: Schedule },
): FeedDoor {
  const app = new OpenAPIHono<ApiEnv>()
  app.use('*', async (c, next) => {
    const { follower, clock } = node
    const feed = node.link.feed(node.owner, store.feed)
    const context = { store: { feed }, follower, clock, settings: SETTINGS, isDraining: NEVER }
    c.set('api', context as unknown as ApiContext) // all that the route asks for
    c.set('door', { kind: 'management' })
    await next()
  })
  app.onError(() => new Response(null, { status: 503 }))
  feedOn(app)
  return {
    get: async (url) => {
      // A process that is gone answers nobody, one that is stopped later.
      await schedule.pause(0, node.owner)
      const answer = await app.fetch(new Request(url), { caller: { kind: 'environment' } })
      if (answer.status !== 200) throw new Error(`the feed answered ${answer.status}`)
      return answer.text()
    },
  }
}
