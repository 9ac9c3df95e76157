import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { TokenStatus } from '@keyfence/core'
import type { Capability } from '../../access/portal-session.ts'
import { changeStatus } from '../../token/change-status.ts'
import type { ApiEnv } from '../api-context.ts'
import { changeOneToken, ONE_TOKEN_PROBLEMS, outcomeOf } from '../change-one-token.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { entityTag, IF_MATCH } from '../precondition.ts'
import { problemAnswer } from '../problem.ts'
import { shownToken, TokenChanged } from '../schema/token.ts'
import { toldNodes, WAIT_QUERY, waitForNodes } from '../wait-for-nodes.ts'
import { answeredWithTag, changeProblems, NO_BODY, TOKEN_PATH } from './route-parts.ts'

/** `POST /v1/tokens/{id}/revoke`, `…/disable` and `…/enable` */
export function tokenStatusOn(app: OpenAPIHono<ApiEnv>): void {
  for (const change of STATUS_CHANGES) addStatusChange(app, change)
}

interface StatusChange {
  readonly verb: 'revoke' | 'disable' | 'enable'
  readonly status: TokenStatus
  /** What an owner needs for it. */
  readonly capability: Capability
  readonly summary: string
  readonly description: string
}

const STATUS_CHANGES: readonly StatusChange[] = [
  {
    verb: 'revoke',
    status: 'revoked',
    capability: 'revoke',
    summary: 'Revoke a token',
    description: 'Final: a revoked token can only be read and deleted. Both secrets end.',
  },
  {
    verb: 'disable',
    status: 'disabled',
    capability: 'disable',
    summary: 'Disable a token',
    description: 'It is refused until it is enabled again.',
  },
  {
    verb: 'enable',
    status: 'active',
    capability: 'disable',
    summary: 'Enable a token',
    description: 'Undoes disabling. A token that is active already stays as it is.',
  },
]

function addStatusChange(app: OpenAPIHono<ApiEnv>, change: StatusChange): void {
  const { verb, status, capability, summary, description } = change
  const route = createRoute({
    method: 'post',
    path: `/v1/tokens/{id}/${verb}`,
    operationId: `${verb}Token`,
    summary,
    description,
    tags: ['Tokens'],
    ...requires('write', { portal: [capability] }),
    request: {
      query: WAIT_QUERY,
      params: TOKEN_PATH,
      headers: z.object(IF_MATCH),
      body: NO_BODY,
    },
    responses: {
      200: answeredWithTag('The token as it is now.', TokenChanged),
      202: answeredWithTag('The same, and not every node has applied it.', TokenChanged),
      ...changeProblems(...ONE_TOKEN_PROBLEMS),
    },
  })
  app.openapi(route, async (c) => {
    const outcome = await commit(c, (transaction, context) =>
      changeOneToken(c, { transaction, context }, async (token) =>
        outcomeOf(await changeStatus(transaction, { token, status }, context)),
      ),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    c.header('ETag', entityTag(outcome.value))
    const answer = { ...shownToken(outcome.value), ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 200)
  })
}
