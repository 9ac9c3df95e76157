import {
  type Answer,
  type HeaderFields,
  judgeCredential,
  type LookUpToken,
  parseCredential,
  type Verdict,
} from '@keyfence/core'
import { boundOwner, type Caller } from '../access/caller.ts'
import { answerVerdict } from '../enforcement/answer-verdict.ts'
import { newRequestId } from '../identifier/identifier.ts'
import type { ApiContext } from './api-context.ts'
import { placeOf } from './source-place.ts'

/** A request at somebody else's door, whose program has found the token (spec §8.4). */
export interface DecideQuestion {
  /** `undefined`: none was sent. */
  readonly token: string | undefined
  /** The socket's remote address, `undefined` if unknown. */
  readonly peer: string | undefined
  readonly fields: HeaderFields
}

/** The verdict on it, and what to answer. `null`: nothing is known. */
export interface DecisionMade {
  readonly effect: 'allow' | 'deny'
  readonly source: 'browser' | 'server' | null
  readonly reason: Verdict['reason']
  readonly domain: string | null
  readonly address: string | null
  readonly tokenId: string | null
  readonly owner: string | null
  /** False where the token's mode lets a refused request through. */
  readonly enforced: boolean
  /** To be relayed as it is; of an allow, the fields say who calls. */
  readonly response: Answer
}

/**
 * Decides one request as every other door does. To a caller that is bound to an owner, the tokens
 * of others are unknown. What is observed names the call itself: the request's own method and path
 * are not told.
 */
export function decideCall(
  question: DecideQuestion,
  caller: Caller,
  context: ApiContext,
): DecisionMade {
  const { settings, clock, random, observe, log } = context
  const { fields, peer, token } = question
  const verdict = judgeCredential(
    { fields, peer, credential: parseCredential(token, settings.tokenPrefix) },
    visibleTo(boundOwner(caller), context.follower.lookUp),
    { settings: { ...settings, barePeer: 'is_client' }, now: clock.now() },
  )
  const response = answerVerdict(
    verdict,
    { ...THE_CALL, peer },
    {
      requestId: () => newRequestId(random),
      observe,
      log,
      settings,
    },
  )
  const { domain, address } = placeOf(verdict.source)
  return {
    effect: verdict.effect === 'allow' ? 'allow' : 'deny',
    source: verdict.source?.kind ?? null,
    reason: verdict.reason,
    domain: domain ?? null,
    address: address ?? null,
    tokenId: verdict.policy?.tokenId ?? null,
    owner: verdict.policy?.owner ?? null,
    enforced: verdict.effect === 'refuse' || verdict.enforced,
    response,
  }
}

const THE_CALL = { method: 'POST', path: '/v1/decide' } as const

/** A damaged record does not say whose it is: it stays what it is, a 503. */
function visibleTo(owner: string | undefined, lookUp: LookUpToken): LookUpToken {
  if (owner === undefined) return lookUp
  return (token) => {
    const found = lookUp(token)
    return found.state === 'known' && found.policy.owner !== owner ? { state: 'unknown' } : found
  }
}
