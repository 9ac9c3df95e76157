import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { UNRESTRICTED } from '@keyfence/core'
import { boundOwner, type Caller } from '../../access/caller.ts'
import { isEverValid } from '../../token/change-problem.ts'
import { issueToken, type NewToken } from '../../token/issue-token.ts'
import type { ApiEnv, ApiSettings } from '../api-context.ts'
import { NEVER_VALID } from '../change-one-token.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { answerOnce, IDEMPOTENCY_KEY, REPLAY_MEMBERS } from '../idempotency.ts'
import { refuseMetadata } from '../owner-members.ts'
import { entityTag } from '../precondition.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { acceptRestrictions, Warnings } from '../schema/restrictions.ts'
import { shownToken, TokenDraft, TokenShown } from '../schema/token.ts'
import { WAITED } from '../schema/applied-nodes.ts'
import { toldNodes, WAIT_QUERY, waitForNodes } from '../wait-for-nodes.ts'
import { answeredWithTag, changeProblems, jsonBodyOf } from './route-parts.ts'

const Created = TokenShown.extend({
  secret: z.string().optional().openapi({ description: 'The token itself, shown once.' }),
  ...REPLAY_MEMBERS,
  warnings: Warnings,
  ...WAITED,
}).openapi('CreatedToken')

const createTokenRoute = createRoute({
  method: 'post',
  path: '/v1/tokens',
  operationId: 'createToken',
  summary: 'Create a token',
  description: 'The only answer that holds the secret. Store it: only its hash is kept.',
  tags: ['Tokens'],
  ...requires('write', { portal: ['create'] }),
  request: {
    query: WAIT_QUERY,
    headers: z.object(IDEMPOTENCY_KEY),
    body: jsonBodyOf(TokenDraft),
  },
  responses: {
    201: answeredWithTag('The new token.', Created),
    202: answeredWithTag('The same, and not every node knows it yet.', Created),
    ...changeProblems('entries_refused', 'idempotency_key_reused', 'conflict'),
  },
})

/** `POST /v1/tokens` */
export function createTokenOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(createTokenRoute, async (c) => {
    const draft = acceptDraft(c.req.valid('json'), c.var.caller, c.var.api.settings)
    if (!draft.ok) return problemAnswer(c, draft.problem)
    const { token: newToken, warnings } = draft.value
    const outcome = await commit(c, (transaction, context) =>
      answerOnce(c, { transaction, now: context.now, status: 201 }, async () => {
        const { token, secret } = await issueToken(transaction, newToken, context)
        return { ok: true, value: { ...shownToken(token), secret, warnings } }
      }),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    c.header('Location', `/v1/tokens/${outcome.value.id}`)
    // Of a repetition's token the version may be another by now.
    if (outcome.value.secret !== undefined) c.header('ETag', entityTag({ version: 1 }))
    const answer = { ...outcome.value, ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 201)
  })
}

/** A new token as it was asked for, checked, with what its maker should know. */
export interface AcceptedDraft {
  readonly token: NewToken
  readonly warnings: z.infer<typeof Warnings>
}

/** Checks what a new token is asked to be; a key that is bound to an owner makes only theirs. */
export function acceptDraft(
  draft: z.output<typeof TokenDraft>,
  caller: Caller,
  settings: ApiSettings,
): Outcome<AcceptedDraft, 'invalid_request' | 'forbidden' | 'entries_refused'> {
  const owner = ownerOf(draft, caller)
  if (!owner.ok) return owner
  const closed = refuseMetadata(draft, caller)
  if (closed !== undefined) return closed
  const life = {
    notBefore: draft.notBefore ?? undefined,
    expiresAt: draft.expiresAt ?? undefined,
  }
  if (!isEverValid(life)) return refuse('invalid_request', NEVER_VALID)
  const checked = acceptRestrictions(draft.restrictions ?? UNRESTRICTED, settings)
  if (!checked.ok) return checked
  const token: NewToken = {
    ...life,
    name: draft.name,
    owner: owner.value,
    metadata: draft.metadata ?? {},
    mode: draft.mode ?? 'enforce',
    restrictions: checked.value.restrictions,
  }
  return { ok: true, value: { token, warnings: [...checked.value.warnings] } }
}

function ownerOf(
  draft: z.output<typeof TokenDraft>,
  caller: Caller,
): Outcome<string, 'invalid_request' | 'forbidden'> {
  const bound = boundOwner(caller)
  const owner = draft.owner ?? bound
  if (owner === undefined) {
    return refuse('invalid_request', { detail: 'Say whose token it is.', path: '/owner' })
  }
  if (bound === undefined || owner === bound) return { ok: true, value: owner }
  return refuse('forbidden', { detail: 'The caller is bound to another owner.', path: '/owner' })
}
