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
import { shownToken, TokenShown } from '../schema/token.ts'
import { answeredWithTag, changeProblems, NO_BODY, NO_QUERY, TOKEN_PATH } from './route-parts.ts'

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
      query: NO_QUERY,
      params: TOKEN_PATH,
      headers: z.object(IF_MATCH),
      body: NO_BODY,
    },
    responses: {
      200: answeredWithTag('The token as it is now.', TokenShown),
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
    c.header('ETag', entityTag(outcome.value))
    return c.json(shownToken(outcome.value), 200)
  })
}
