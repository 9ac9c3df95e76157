import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { isPreflight, type Restrictions } from '@keyfence/core'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { visibleToken } from '../change-one-token.ts'
import { closedObject } from '../closed-object.ts'
import { explain, type ExplainedToken, type Explanation } from '../explanation.ts'
import { requires } from '../gate/requires.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { acceptRestrictions, RestrictionsBody } from '../schema/restrictions.ts'
import { answered, askProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

const Question = closedObject({
  tokenId: z.string().optional(),
  restrictions: RestrictionsBody.optional(),
  request: closedObject({
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .max(500)
      .openapi({
        description: 'Name and value pairs in the order received, repetitions kept.',
      }),
    peer: z.string().max(100).nullable().openapi({
      description: 'The address of the socket; `null` if unknown.',
    }),
    method: z.string().min(1).max(32).default('GET'),
    target: z.string().max(16_384).default('/').openapi({ description: 'Path and query.' }),
  }),
}).openapi('ExplainQuestion', {
  description:
    'Either `tokenId` or `restrictions`. If the headers hold a token it is judged as well; if not, the token counts as sent.',
  example: {
    tokenId: 'tok_019a2b3c-0000-7000-8000-000000000000',
    request: { headers: [['Origin', 'https://example.com']], peer: '203.0.113.7' },
  },
})

const ExplanationShown = z
  .object({
    effect: z.enum(['allow', 'deny']),
    source: z.enum(['browser', 'server']).nullable(),
    reason: z.string().openapi({ example: 'domain_not_listed' }),
    sentence: z.string().openapi({ description: 'What happened and what to do.' }),
    domain: z.string().nullable(),
    address: z.string().nullable(),
    enforced: z
      .boolean()
      .openapi({ description: 'False in report mode, where it is let through.' }),
    response: z
      .object({
        status: z.int(),
        headers: z.array(z.tuple([z.string(), z.string()])),
        body: z.string(),
      })
      .nullable()
      .openapi({ description: 'What the caller gets; `null` where the API itself answers.' }),
  })
  .openapi('Explanation')

const explainRoute = createRoute({
  method: 'post',
  path: '/v1/explain',
  operationId: 'explain',
  summary: 'Ask whether a request would be allowed',
  description: 'By which rule, and if not why not. Nothing is changed or counted.',
  tags: ['Restrictions'],
  ...requires('read', { portal: [] }),
  request: { query: NO_QUERY, body: jsonBodyOf(Question) },
  responses: {
    200: answered('The explanation.', ExplanationShown),
    ...askProblems('not_found', 'entries_refused'),
  },
})

/** `POST /v1/explain` */
export function explainOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(explainRoute, async (c) => {
    const question = c.req.valid('json')
    const { headers, peer, method, target } = question.request
    if (isPreflight(method, headers.flat())) return problemAnswer(c, PREFLIGHT.problem)
    const asked = await askedFor(c, question)
    if (!asked.ok) return problemAnswer(c, asked.problem)
    const { settings, follower, clock } = c.var.api
    const request = { fields: headers.flat(), target, peer: peer ?? undefined, method }
    const context = { settings, lookUp: follower.lookUp, now: clock.now() }
    return c.json(shownExplanation(explain(asked.value, request, context)), 200)
  })
}

const PREFLIGHT = refuse('invalid_request', {
  detail: 'A preflight carries no token. Ask about the request that follows it.',
  path: '/request/method',
})

async function askedFor(
  c: ApiRequest,
  { tokenId, restrictions }: z.output<typeof Question>,
): Promise<Outcome<ExplainedToken, 'invalid_request' | 'not_found' | 'entries_refused'>> {
  if ((tokenId === undefined) === (restrictions === undefined)) {
    return refuse('invalid_request', { detail: 'Give either tokenId or restrictions.', path: '' })
  }
  if (restrictions === undefined) {
    const found = await visibleToken(c, c.var.api.store.tokens, tokenId)
    return found.ok ? { ok: true, value: { kind: 'stored', token: found.value } } : found
  }
  const checked = acceptRestrictions(restrictions, c.var.api.settings)
  return checked.ok ? { ok: true, value: imagined(checked.value.restrictions) } : checked
}

function imagined(restrictions: Restrictions): ExplainedToken {
  return { kind: 'imagined', restrictions }
}

function shownExplanation(explanation: Explanation): z.infer<typeof ExplanationShown> {
  const { response } = explanation
  if (response === undefined) return { ...explanation, response: null }
  const headers = response.headers.map(([name, value]): [string, string] => [name, value])
  return { ...explanation, response: { ...response, headers } }
}
