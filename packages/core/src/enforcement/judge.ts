import { decide } from '../decision/decide.ts'
import type { AllowReason, DenyReason, RefusalReason } from '../decision/reason.ts'
import type { EpochMs } from '../parsed.ts'
import { type Credential, type CredentialSettings, readCredential } from '../request/credential.ts'
import { type Evidence, readEvidence } from '../request/evidence.ts'
import type { HeaderFields } from '../request/header-fields.ts'
import { type RequestSource, requestSource, type SourceSettings } from '../request/source.ts'
import { tokenStateReason } from '../token/state.ts'
import type { LookUpToken, TokenPolicy } from './token-policy.ts'

/** A request as a door hands it over: what was received, nothing interpreted. */
export interface JudgedRequest {
  readonly fields: HeaderFields
  /** Path and query as received. */
  readonly target: string
  /** The socket's remote address as text, `undefined` if unknown. */
  readonly peer: string | undefined
  readonly isWebSocket: boolean
}

/** The settings that a verdict depends on. */
export interface JudgeSettings extends CredentialSettings, SourceSettings {}

/** What happens to a request, and the facts behind it. */
export type Verdict = AllowVerdict | RefuseVerdict

export interface AllowVerdict {
  readonly effect: 'allow'
  /** In report mode, the reason that would have refused. */
  readonly reason: AllowReason | DenyReason
  /** False where the rule refused and the token's mode let it through. */
  readonly enforced: boolean
  readonly policy: TokenPolicy
  readonly source: RequestSource
  readonly evidence: Evidence
}

export interface RefuseVerdict {
  readonly effect: 'refuse'
  readonly reason: RefusalReason
  /** The token, where one is known. */
  readonly policy: TokenPolicy | undefined
  /** Where the request comes from, told for known tokens alone. */
  readonly source: RequestSource | undefined
  readonly evidence: Evidence
}

/** A request whose credential has been read. */
export interface CredentialedRequest extends Pick<JudgedRequest, 'fields' | 'peer'> {
  readonly credential: Credential
}

/** What a verdict depends on beside the request. */
export interface JudgeContext<Settings> {
  readonly settings: Settings
  readonly now: EpochMs
}

/**
 * Judges one request from its header fields to the verdict: the one path that every door takes.
 * Same arguments, same verdict; whatever cannot be decided is refused.
 */
export function judge(
  request: JudgedRequest,
  lookUp: LookUpToken,
  context: JudgeContext<JudgeSettings>,
): Verdict {
  const { fields, peer } = request
  const credential = readCredential(request, context.settings)
  return judgeCredential({ fields, peer, credential }, lookUp, context)
}

/** The rest of {@link judge}, for a door whose caller has found the credential by itself. */
export function judgeCredential(
  { fields, peer, credential }: CredentialedRequest,
  lookUp: LookUpToken,
  context: JudgeContext<SourceSettings>,
): Verdict {
  const evidence = readEvidence(fields)
  if (credential.kind !== 'token') return refuse(CREDENTIAL_REASONS[credential.kind], evidence)
  const found = lookUp(credential.token)
  if (found.state !== 'known') return refuse(LOOKUP_REASONS[found.state], evidence)
  const { policy, secretEndsAt } = found
  const source = requestSource(evidence, peer, context.settings)
  const stateReason = tokenStateReason(policy.life, secretEndsAt, context.now)
  if (stateReason !== undefined) {
    return { effect: 'refuse', reason: stateReason, policy, source, evidence }
  }
  const { effect, reason } = decide(policy.restrictions, source)
  if (effect === 'allow') return { effect, reason, enforced: true, policy, source, evidence }
  if (policy.mode === 'report') {
    return { effect: 'allow', reason, enforced: false, policy, source, evidence }
  }
  return { effect: 'refuse', reason, policy, source, evidence }
}

const CREDENTIAL_REASONS = {
  none: 'token_missing',
  malformed: 'token_malformed',
  ambiguous: 'token_ambiguous',
} as const satisfies Record<Exclude<Credential['kind'], 'token'>, RefusalReason>

const LOOKUP_REASONS = {
  unknown: 'token_unknown',
  unreadable: 'record_unreadable',
  unavailable: 'store_unavailable',
} as const satisfies Record<string, RefusalReason>

function refuse(reason: RefusalReason, evidence: Evidence): RefuseVerdict {
  return { effect: 'refuse', reason, policy: undefined, source: undefined, evidence }
}
