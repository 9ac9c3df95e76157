import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { decideCall } from '../decision.ts'
import { requires } from '../gate/requires.ts'
import { answered, askProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

const FIELD_LINES_MAX = 500

const Question = closedObject({
  token: z.string().nullish().openapi({
    description:
      'As the caller sent it, without a scheme; `null` if none. Fields are not searched.',
  }),
  peer: z.string().nullable().openapi({
    description: 'The address of the socket, never of a field; `null` if unknown.',
  }),
  headers: z
    .array(z.tuple([z.string(), z.string()]))
    .max(FIELD_LINES_MAX)
    .openapi({
      description:
        'Name and value pairs in the order received, repetitions kept. Of use are Origin, Referer, Sec-Fetch-Site and X-Forwarded-For.',
    }),
}).openapi('DecideQuestion', {
  example: {
    token: 'kf_…',
    peer: '203.0.113.7',
    headers: [['Origin', 'https://example.com']],
  },
})

const Decision = z
  .object({
    effect: z.enum(['allow', 'deny']),
    source: z.enum(['browser', 'server']).nullable(),
    reason: z.string().openapi({ example: 'domain_listed' }),
    domain: z.string().nullable(),
    address: z.string().nullable(),
    tokenId: z.string().nullable(),
    owner: z.string().nullable(),
    enforced: z
      .boolean()
      .openapi({ description: 'False in report mode, where it is let through.' }),
    response: z
      .object({
        status: z.int(),
        headers: z.array(z.tuple([z.string(), z.string()])),
        body: z.string(),
      })
      .openapi({
        description:
          'To a refusal, relay it as it is (to HEAD without the body). Of an allow, the fields say who calls.',
      }),
  })
  .openapi('Decision', { description: 'All members are always there; `null`: nothing is known.' })

const decideRoute = createRoute({
  method: 'post',
  path: '/v1/decide',
  operationId: 'decide',
  summary: 'Decide one request',
  description:
    'For programs in any language that ask before they serve. The answer is 200 whatever the decision; it is counted like a request at any other door.',
  tags: ['Enforcement'],
  ...requires('decide'),
  request: { query: NO_QUERY, body: jsonBodyOf(Question) },
  responses: { 200: answered('The decision.', Decision), ...askProblems() },
})

/** `POST /v1/decide` */
export function decideOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(decideRoute, (c) => {
    const { token, peer, headers: pairs } = c.req.valid('json')
    const question = { token: token ?? undefined, peer: peer ?? undefined, fields: pairs.flat() }
    const { response, ...decision } = decideCall(question, c.var.caller, c.var.api)
    const headers = response.headers.map(([name, value]): [string, string] => [name, value])
    return c.json({ ...decision, response: { ...response, headers } }, 200)
  })
}
