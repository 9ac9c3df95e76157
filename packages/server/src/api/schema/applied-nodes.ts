import { z } from '@hono/zod-openapi'

/** How far the nodes are with a change. */
export const AppliedNodes = z
  .array(
    z.object({
      id: z.string(),
      kind: z.enum(['server', 'guard']),
      name: z.string().nullable().openapi({ description: '`null` for callers bound to an owner.' }),
      state: z.enum(['applied', 'pending', 'gone']).openapi({
        description:
          '`pending`: it may still decide as before. `gone`: it was not heard of for longer than it may decide, and refuses everything.',
      }),
    }),
  )
  .openapi('AppliedNodes')

/** Beside what was changed, if the request waits. */
export const WAITED = { nodes: AppliedNodes.optional() } as const
