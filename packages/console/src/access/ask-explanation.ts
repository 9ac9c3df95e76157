import { type Restrictions, TOKEN_REASONS } from '@keyfence/core'
import { answerOf, api, type Explanation, type Token } from '../api/client.ts'
import type { components } from '../api/schema.d.ts'
import { restrictionsBody } from '../restriction/request-body.ts'
import type { TriedRequest } from './tried-request.ts'

/** What a request is tried against: a token, and its lists where they are not saved yet. */
export interface TriedToken {
  readonly id: string
  readonly mode: Token['mode']
  readonly unsaved: Restrictions | undefined
}

/** Asks what would become of a request of this token once its lists are saved. */
export async function askExplanation(
  request: TriedRequest,
  { id, mode, unsaved }: TriedToken,
): Promise<Explanation> {
  const asSaved = explained({ tokenId: id, request })
  if (unsaved === undefined) return asSaved
  const restrictions = restrictionsBody(unsaved)
  const [saved, byLists] = await Promise.all([asSaved, explained({ restrictions, request })])
  return asEnforced({ saved, byLists, mode })
}

async function explained(body: Question): Promise<Explanation> {
  return (await answerOf(api.POST('/v1/explain', { body }))).body
}

type Question = components['schemas']['ExplainQuestion']

/**
 * Lists alone have no token that could be off, expired or in report mode: what the saved token says of
 * its state comes first, as where requests are judged, and report mode lets through what lists refuse.
 */
export function asEnforced(asked: {
  readonly saved: Explanation
  readonly byLists: Explanation
  readonly mode: Token['mode']
}): Explanation {
  const { saved, byLists, mode } = asked
  if (STATES.has(saved.reason)) return saved
  if (mode === 'enforce' || byLists.effect === 'allow') return byLists
  return { ...byLists, effect: 'allow', enforced: false, response: null }
}

const STATES: ReadonlySet<string> = new Set(TOKEN_REASONS)
