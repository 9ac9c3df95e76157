import {
  CALLER_REASONS,
  DENY_REASONS,
  type RefusalReason,
  TOKEN_REASONS,
  UNAVAILABLE_REASONS,
} from '../decision/reason.ts'
import type { Evidence } from '../request/evidence.ts'

/** An answer that Keyfence gives by itself. */
export interface Answer {
  readonly status: number
  /** Name and value pairs. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** The status of a refusal: the rule's 403, the token's 401, 503 where nothing can be known. */
export type RefusalStatus = 401 | 403 | 503

/** The status that a refusal travels with. */
export function refusalStatus(reason: RefusalReason): RefusalStatus {
  return STATUSES[reason]
}

/**
 * The answer to a refused request (spec §1, §6, §7): the same octets on every enforcement path, and
 * readable by the page that asked.
 * @param requestId opaque and unguessable; kept with the refusal, so that its reason can be found.
 */
export function refusalAnswer(
  reason: RefusalReason,
  request: { readonly evidence: Evidence; readonly requestId: string },
): Answer {
  const status = refusalStatus(reason)
  return {
    status,
    headers: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['Keyfence-Request-Id', request.requestId],
      ...challenge(status, reason),
      ...corsOfRefusal(request.evidence),
    ],
    body: BODIES[status],
  }
}

/**
 * The `Origin` that an answer may echo: the one line of a request, a serialised origin or `null`.
 * One that names no domain is echoed too (`http://127.0.0.1:5173`, `capacitor://localhost`): the
 * rule may refuse its page, and the page has to be able to read that.
 */
export function echoableOrigin(evidence: Evidence): string | undefined {
  const [origin] = evidence.origins
  if (origin === undefined || evidence.origins.length > 1) return undefined
  return origin === 'null' || SERIALISED_ORIGIN.test(origin) ? origin : undefined
}

/** RFC 6454 §6.2 with the schemes, hosts and ports of RFC 3986: nothing that could end a field. */
const SERIALISED_ORIGIN =
  /^[a-z][a-z0-9+.-]{0,30}:\/\/(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9._~-]{1,255})(?::[0-9]{1,5})?$/i

const RETRY_AFTER_SECONDS = '5'

const BODIES: Record<RefusalStatus, string> = {
  401: '{"error":"Missing or invalid API token."}',
  403: '{"error":"Access denied. You don\'t have permission to access this."}',
  503: '{"error":"Temporarily unavailable."}',
}

const STATUSES = Object.fromEntries([
  ...[...DENY_REASONS, ...CALLER_REASONS].map((reason) => [reason, 403]),
  ...TOKEN_REASONS.map((reason) => [reason, 401]),
  ...UNAVAILABLE_REASONS.map((reason) => [reason, 503]),
]) as Record<RefusalReason, RefusalStatus> // fromEntries forgets the keys; the lists hold them all

/** RFC 9110 §11.6.1; RFC 6750 §3.1: no error code when no token was sent. */
function challenge(status: RefusalStatus, reason: RefusalReason): [string, string][] {
  if (status === 503) return [['Retry-After', RETRY_AFTER_SECONDS]]
  if (status !== 401) return []
  const value = reason === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  return [['WWW-Authenticate', value]]
}

function corsOfRefusal(evidence: Evidence): [string, string][] {
  const origin = echoableOrigin(evidence)
  if (origin === undefined) return [['Vary', 'Origin']]
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate, Keyfence-Request-Id'],
    ['Vary', 'Origin'],
  ]
}
