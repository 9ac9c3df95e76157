import {
  type Answer,
  compileRestrictions,
  type EpochMs,
  explainReason,
  fieldValues,
  type HeaderFields,
  judge,
  type JudgedRequest,
  type LookUpToken,
  lowerCaseAscii,
  readCredential,
  refusalAnswer,
  type Restrictions,
  type TokenLookup,
  type TokenPolicy,
  type Verdict,
} from '@keyfence/core'
import type { Token } from '../token/token.ts'
import type { ApiSettings } from './api-context.ts'
import { placeOf } from './source-place.ts'

/** Whose request it would be: a stored token's, or that of one with these restrictions. */
export type ExplainedToken =
  | { readonly kind: 'stored'; readonly token: Token }
  | { readonly kind: 'imagined'; readonly restrictions: Restrictions }

/** A request that may never have been made. */
export interface ExplainedRequest {
  readonly fields: HeaderFields
  readonly target: string
  readonly peer: string | undefined
  readonly method: string
}

/** Whether a request would be allowed, and why. */
export interface Explanation {
  readonly effect: 'allow' | 'deny'
  /** `null`: no token is known, and then nothing is told of the source. */
  readonly source: 'browser' | 'server' | null
  readonly reason: Verdict['reason']
  /** For the owner: what happened and what to do. */
  readonly sentence: string
  readonly domain: string | null
  readonly address: string | null
  /** False where the token's mode lets a refused request through. */
  readonly enforced: boolean
  /** What the caller gets; `undefined` where the API itself answers. */
  readonly response: Answer | undefined
}

/**
 * Explains one request by the function that decides all of them. A token in the fields is judged as
 * well, since it may be ambiguous, rotated out or another one; without one, the token counts as sent.
 */
export function explain(
  explained: ExplainedToken,
  request: ExplainedRequest,
  context: { settings: ApiSettings; lookUp: LookUpToken; now: EpochMs },
): Explanation {
  const upgrades = fieldValues(request.fields, 'upgrade').map(lowerCaseAscii)
  const judged: JudgedRequest = { ...request, isWebSocket: upgrades.includes('websocket') }
  const { now } = context
  const settings = { ...context.settings, barePeer: 'is_client' } as const
  const isSent = explained.kind === 'stored' && readCredential(judged, settings).kind !== 'none'
  const verdict = isSent
    ? judge(judged, onlyOf(explained.token, context.lookUp), { settings, now })
    : judge(
        { ...judged, fields: [...request.fields, PRESUMED.name, 'presumed'] },
        () => lookupOf(explained),
        { settings: { ...settings, tokenFields: [PRESUMED], tokenQuery: undefined }, now },
      )
  return explanationOf(verdict, { restrictions: restrictionsOf(explained), request })
}

/** Stands for the token that the request would carry: no setting names such a field. */
const PRESUMED = { name: 'keyfence-presumed-token', scheme: undefined } as const

/** Another token's secret is told of as if nobody knew it. */
function onlyOf(token: Token, lookUp: LookUpToken): LookUpToken {
  return (text) => {
    const found = lookUp(text)
    const isThis = found.state === 'known' && found.policy.tokenId === token.id
    return isThis || found.state === 'unavailable' ? found : { state: 'unknown' }
  }
}

function lookupOf(explained: ExplainedToken): TokenLookup {
  const restrictions = compileRestrictions(restrictionsOf(explained))
  if (restrictions === undefined) return { state: 'unreadable' }
  const { token } = explained.kind === 'stored' ? explained : { token: IMAGINED }
  const policy: TokenPolicy = {
    tokenId: token.id,
    owner: token.owner,
    metadata: token.metadata,
    life: token,
    mode: token.mode,
    restrictions,
  }
  return { state: 'known', policy, secretEndsAt: undefined }
}

const IMAGINED = {
  id: '',
  owner: '',
  metadata: {},
  status: 'active',
  notBefore: undefined,
  expiresAt: undefined,
  mode: 'enforce',
} as const

function restrictionsOf(explained: ExplainedToken): Restrictions {
  return explained.kind === 'stored' ? explained.token.restrictions : explained.restrictions
}

function explanationOf(
  verdict: Verdict,
  about: { readonly restrictions: Restrictions; readonly request: ExplainedRequest },
): Explanation {
  const { reason, source, evidence } = verdict
  const { domain, address } = placeOf(source)
  const facts = { domain, address, restrictions: about.restrictions }
  return {
    effect: verdict.effect === 'allow' ? 'allow' : 'deny',
    source: source?.kind ?? null,
    reason,
    sentence: explainReason(reason, facts),
    domain: domain ?? null,
    address: address ?? null,
    enforced: verdict.effect === 'refuse' || verdict.enforced,
    response:
      verdict.effect === 'allow'
        ? undefined
        : answerTo(about.request, refusalAnswer(verdict.reason, { evidence, requestId: NO_ID })),
  }
}

/** No request was made, so no id was given out. */
const NO_ID = 'req_explained'

/** To HEAD, an answer has no body. */
function answerTo(request: ExplainedRequest, answer: Answer): Answer {
  return request.method === 'HEAD' ? { ...answer, body: '' } : answer
}
