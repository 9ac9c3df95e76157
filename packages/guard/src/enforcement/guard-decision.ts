import {
  type AllowReason,
  type AllowVerdict,
  type Answer,
  answeredIdentity,
  type DenyReason,
  formatIpAddress,
  type RefusalReason,
  refusalAnswer,
  type RefuseVerdict,
  type RequestSource,
} from '@keyfence/core'

/** A request as a door received it: nothing interpreted. */
export interface GuardedRequest {
  readonly method: string
  /** Path and query as received. */
  readonly target: string
  /** The field lines in the order received, repetitions kept: name, value, name, value … */
  readonly fields: readonly string[]
  /** The address of the socket, never of a field; `undefined` if unknown. */
  readonly peer: string | undefined
  /** A WebSocket handshake, where an offered subprotocol may carry the token. Default: false. */
  readonly isWebSocket?: boolean
}

/** What happens to a request. */
export type GuardDecision = AllowedCall | RefusedCall | PreflightCall

/** Who calls, as far as it is known. */
export interface AllowedCall {
  readonly effect: 'allow'
  readonly tokenId: string
  /** The customer's id in the provider's system. */
  readonly owner: string
  /** Empty unless the setting `forwardMetadata` of Keyfence is on. */
  readonly metadata: Readonly<Record<string, string>>
  readonly source: RequestSource['kind']
  /** Of a browser request. */
  readonly domain: string | undefined
  /** Of a server request, in canonical form. */
  readonly address: string | undefined
  /** In report mode, the reason that would have refused. */
  readonly reason: AllowReason | DenyReason
  /** False where the rule refused and the token's mode let it through. */
  readonly enforced: boolean
  /** As the other doors of Keyfence name the caller: `Keyfence-Token-Id` and the like. */
  readonly identityFields: readonly (readonly [name: string, value: string])[]
}

/** A refusal. The reason is for the owner and never for the caller. */
export interface RefusedCall {
  readonly effect: 'refuse'
  readonly reason: RefusalReason
  /** As the caller gets it; the owner finds the reason by it. */
  readonly requestId: string
  readonly tokenId: string | undefined
  readonly owner: string | undefined
  /** To be sent as it is; to HEAD without the body. */
  readonly answer: Answer
}

/** A CORS preflight, which carries no token. */
export interface PreflightCall {
  readonly effect: 'preflight'
  /** `undefined`: it is for the application to answer. */
  readonly answer: Answer | undefined
}

/** An allow as an application sees it. */
export function allowedCall(
  verdict: AllowVerdict,
  settings: { readonly forwardMetadata: boolean },
): AllowedCall {
  const { policy, source, reason, enforced } = verdict
  return {
    effect: 'allow',
    tokenId: policy.tokenId,
    owner: policy.owner,
    metadata: policy.metadata,
    source: source.kind,
    domain: source.kind === 'browser' ? source.domain : undefined,
    address:
      source.kind === 'server' && source.address !== undefined
        ? formatIpAddress(source.address)
        : undefined,
    reason,
    enforced,
    identityFields: answeredIdentity(verdict, settings),
  }
}

/** A refusal as an application sees it. */
export function refusedCall(
  { reason, policy, evidence }: RefuseVerdict,
  requestId: string,
): RefusedCall {
  return {
    effect: 'refuse',
    reason,
    requestId,
    tokenId: policy?.tokenId,
    owner: policy?.owner,
    answer: refusalAnswer(reason, { evidence, requestId }),
  }
}
