import type { Parsed } from '@keyfence/core'
import { boundOwner } from '../access/caller.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeProblem } from '../token/change-problem.ts'
import type { Token } from '../token/token.ts'
import type { TokenReader } from '../token/token-store.ts'
import type { ApiRequest } from './api-context.ts'
import type { ApiChangeContext } from './commit.ts'
import { parseTokenId } from './parse-identifier.ts'
import { refusePrecondition } from './precondition.ts'
import { type Outcome, refuse } from './problem.ts'
import type { ProblemCode } from './problem-codes.ts'

/** Everything that a change of one token may be refused with, beside its own problems. */
export const ONE_TOKEN_PROBLEMS = [
  'not_found',
  'precondition_failed',
  'precondition_required',
  'conflict',
  'invalid_request',
] as const

type OneTokenProblem = (typeof ONE_TOKEN_PROBLEMS)[number]

/** Finds the token that the path names and checks the version asked for, then changes it. */
export async function changeOneToken<Value, Code extends ProblemCode = never>(
  c: ApiRequest,
  at: { readonly transaction: StoreTransaction; readonly context: ApiChangeContext },
  change: (token: Token) => Promise<Outcome<Value, Code>>,
): Promise<Outcome<Value, Code | OneTokenProblem>> {
  const found = await visibleToken(c, at.transaction.tokens)
  if (!found.ok) return found
  return refusePrecondition(c, found.value) ?? change(found.value)
}

/** The token that the path names, if there is one and the caller may see it: others' do not exist. */
export async function visibleToken(
  c: ApiRequest,
  tokens: Pick<TokenReader, 'find'>,
  idText: string = c.req.param('id') ?? '',
): Promise<Outcome<Token, 'not_found'>> {
  const id = parseTokenId(idText)
  const token = id === undefined ? undefined : await tokens.find(id)
  const owner = boundOwner(c.var.caller)
  if (token === undefined || (owner !== undefined && token.owner !== owner)) {
    return refuse('not_found', 'There is no such token. List them at /v1/tokens.')
  }
  return { ok: true, value: token }
}

/** The outcome of a change as the API tells it. */
export function outcomeOf<Value>(
  changed: Parsed<Value, ChangeProblem>,
): Outcome<Value, 'conflict' | 'invalid_request'> {
  return changed.ok ? changed : refuseChange(changed.problem)
}

/** Tells why a token is not changed. */
export function refuseChange(
  problem: ChangeProblem,
): ReturnType<typeof refuse<'conflict' | 'invalid_request'>> {
  switch (problem) {
    case 'token_revoked':
      return refuse('conflict', 'The token was revoked, which is final. Create a new one.')
    case 'never_valid':
      return refuse('invalid_request', NEVER_VALID)
    default:
      return problem satisfies never
  }
}

/** Told where a token would end before it begins. */
export const NEVER_VALID = {
  detail: 'expiresAt has to be later than notBefore.',
  path: '/expiresAt',
} as const
