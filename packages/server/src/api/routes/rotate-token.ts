import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { refuseRevoked } from '../../token/change-problem.ts'
import { OVERLAP_MS_MAX, rotateToken } from '../../token/rotate-token.ts'
import type { Token } from '../../token/token.ts'
import type { ApiEnv } from '../api-context.ts'
import { changeOneToken, ONE_TOKEN_PROBLEMS, refuseChange } from '../change-one-token.ts'
import { closedObject } from '../closed-object.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { answerOnce, IDEMPOTENCY_KEY, REPLAY_MEMBERS } from '../idempotency.ts'
import { entityTag, IF_MATCH } from '../precondition.ts'
import { problemAnswer } from '../problem.ts'
import { shownTime, ShownTime } from '../schema/text.ts'
import { shownToken, TokenShown } from '../schema/token.ts'
import { WAITED } from '../schema/applied-nodes.ts'
import { ROTATION_WAIT_QUERY, toldNodes, waitForNodes } from '../wait-for-nodes.ts'
import { answeredWithTag, changeProblems, optionalBodyOf, TOKEN_PATH } from './route-parts.ts'

const Rotation = closedObject({
  overlapMs: z.int().min(0).max(OVERLAP_MS_MAX).optional().openapi({
    default: 0,
    description: 'How long the old secret lives on, 30 days at most; never past `expiresAt`.',
    example: 600_000,
  }),
}).openapi('Rotation')

const Rotated = TokenShown.extend({
  secret: z.string().optional().openapi({ description: 'The token itself, shown once.' }),
  previousSecretEndsAt: ShownTime,
  ...REPLAY_MEMBERS,
  ...WAITED,
}).openapi('RotatedToken')

const rotateTokenRoute = createRoute({
  method: 'post',
  path: '/v1/tokens/{id}/rotate',
  operationId: 'rotateToken',
  summary: 'Rotate a token',
  description: 'Issues a new secret. At most two live: one that was ending already ends now.',
  tags: ['Tokens'],
  ...requires('write', { portal: ['rotate'] }),
  request: {
    query: ROTATION_WAIT_QUERY,
    params: TOKEN_PATH,
    headers: z.object({ ...IDEMPOTENCY_KEY, ...IF_MATCH }),
    body: optionalBodyOf(Rotation),
  },
  responses: {
    200: answeredWithTag('The token with its new secret.', Rotated),
    202: answeredWithTag('The same, and not every node knows the new secret yet.', Rotated),
    ...changeProblems(...ONE_TOKEN_PROBLEMS, 'idempotency_key_reused'),
  },
})

/** `POST /v1/tokens/{id}/rotate` */
export function rotateTokenOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(rotateTokenRoute, async (c) => {
    const { overlapMs = 0 } = c.req.valid('json')
    let token: Token | undefined
    const outcome = await commit(c, (transaction, context) =>
      answerOnce(c, { transaction, now: context.now, status: 200 }, () =>
        changeOneToken(c, { transaction, context }, async (found) => {
          const refused = refuseRevoked(found)
          if (refused !== undefined) return refuseChange(refused.problem)
          const rotation = { token: found, overlapMs }
          const rotated = await rotateToken(transaction, rotation, context)
          token = rotated.token
          const previousSecretEndsAt = shownTime(rotated.previousEndsAt)
          const shown = { ...shownToken(token), secret: rotated.secret }
          return { ok: true, value: { ...shown, previousSecretEndsAt } }
        }),
      ),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    // Of a repetition's token the version may be another by now.
    if (token !== undefined) c.header('ETag', entityTag(token))
    const answer = { ...outcome.value, ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 200)
  })
}
