import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { boundOwner } from '../../access/caller.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import { type RevokedTokens, revokeTokens } from '../../token/revoke-tokens.ts'
import type { TokenReader, TokenState } from '../../token/token-store.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { parseTokenId } from '../parse-identifier.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { OwnerText } from '../schema/text.ts'
import { WAITED } from '../schema/applied-nodes.ts'
import { toldNodes, WAIT_QUERY, waitForNodes } from '../wait-for-nodes.ts'
import { answered, changeProblems, jsonBodyOf } from './route-parts.ts'

/** How many tokens one request revokes. */
const REVOKED_MAX = 10_000

/** Ten thousand ids. */
const BODY_BYTES = 1_048_576

/** A list of what is missing longer than this helps nobody. */
const PROBLEMS_MAX = 100

const Revocation = closedObject({
  ids: z.array(z.string().max(100)).min(1).max(REVOKED_MAX).optional(),
  owner: OwnerText.optional().openapi({ description: 'All tokens of this owner.' }),
}).openapi('Revocation', { example: { owner: 'acme' } })

const Revoked = z
  .object({
    revoked: z.int(),
    alreadyRevoked: z.int().openapi({ description: 'Of those asked for by id.' }),
    ...WAITED,
  })
  .openapi('RevokedTokens')

const revokeTokensRoute = createRoute({
  method: 'post',
  path: '/v1/tokens/revoke',
  operationId: 'revokeTokens',
  summary: 'Revoke many tokens at once',
  description: `By \`ids\` or by \`owner\`, ${REVOKED_MAX} at most: all of them in one transaction, or none. Final. Safe to repeat: what is revoked already stays so.`,
  tags: ['Tokens'],
  ...requires('write', { bodyBytesMin: BODY_BYTES }),
  request: { query: WAIT_QUERY, body: jsonBodyOf(Revocation) },
  responses: {
    200: answered('They are revoked.', Revoked),
    202: answered('The same, and not every node has applied it.', Revoked),
    ...changeProblems('not_found', 'conflict'),
  },
})

/** `POST /v1/tokens/revoke` */
export function revokeTokensOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(revokeTokensRoute, async (c) => {
    const body = c.req.valid('json')
    const outcome = await commit(
      c,
      async (transaction, context): Promise<Outcome<RevokedTokens, RevocationProblem>> => {
        const found = await tokensNamed(c, transaction.tokens, body)
        if (!found.ok) return found
        return { ok: true, value: await revokeTokens(transaction, found.value, context) }
      },
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const waited = await waitForNodes(c, c.req.valid('query'))
    const answer = { ...outcome.value, ...toldNodes(waited) }
    return waited.kind === 'pending' ? c.json(answer, 202) : c.json(answer, 200)
  })
}

type RevocationProblem = 'invalid_request' | 'not_found' | 'conflict'
type Named = Outcome<ReadonlyMap<TokenId, TokenState>, RevocationProblem>

async function tokensNamed(
  c: ApiRequest,
  tokens: TokenReader,
  { ids, owner }: z.output<typeof Revocation>,
): Promise<Named> {
  if (ids !== undefined && owner === undefined) return tokensById(c, tokens, ids)
  if (owner !== undefined && ids === undefined) return tokensOfOwner(c, tokens, owner)
  return refuse('invalid_request', 'Send ids or owner: one of them, and not both.')
}

async function tokensById(
  c: ApiRequest,
  tokens: TokenReader,
  texts: readonly string[],
): Promise<Named> {
  const ids = texts.map(parseTokenId)
  const bound = boundOwner(c.var.caller)
  const states = await tokens.statesOf([...new Set(ids.filter((id) => id !== undefined))])
  const isVisible = (id: TokenId | undefined): boolean => {
    const state = id === undefined ? undefined : states.get(id)
    return state !== undefined && (bound === undefined || state.owner === bound)
  }
  const missing = ids.flatMap((id, at) => (isVisible(id) ? [] : [at]))
  return missing.length === 0 ? { ok: true, value: states } : refuseMissing(missing)
}

/** All of them at once, so that who leaves them out asks once more and not once for each. */
function refuseMissing(missing: readonly number[]): ReturnType<typeof refuse<'not_found'>> {
  const problems = missing
    .slice(0, PROBLEMS_MAX)
    .map((at) => ({ path: `/ids/${at}`, message: 'There is no such token.' }))
  const detail = `Nothing was revoked: ${missing.length} of the tokens do not exist. Leave them out.`
  return refuse('not_found', { detail, path: problems[0]?.path, problems })
}

async function tokensOfOwner(c: ApiRequest, tokens: TokenReader, owner: string): Promise<Named> {
  const bound = boundOwner(c.var.caller)
  // To a caller that is bound to an owner, another one has no tokens.
  if (bound !== undefined && bound !== owner) return { ok: true, value: new Map() }
  const states = await tokens.liveStatesOf(owner, REVOKED_MAX + 1)
  if (states.size <= REVOKED_MAX) return { ok: true, value: states }
  const detail = `Nothing was revoked: the owner has more than ${REVOKED_MAX} tokens. Revoke them by their ids, in parts.`
  return refuse('conflict', { detail, path: '/owner' })
}
