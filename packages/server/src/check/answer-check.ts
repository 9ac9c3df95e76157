import {
  type Answer,
  fieldValues,
  type HeaderFields,
  isPreflight,
  judge,
  preflightAnswer,
  readEvidence,
} from '@keyfence/core'
import { answerVerdict, type ObservedRequest, refuse } from '../enforcement/answer-verdict.ts'
import type { RequestFraming } from '../http1/request-framing.ts'
import type { RequestHead } from '../http1/request-head.ts'
import { failureAnswer } from '../listener/own-answer.ts'
import { type ReceivedRequest, readRequest } from '../listener/received-request.ts'
import { pathOf } from '../listener/request-target.ts'
import { offersWebSocket } from '../listener/web-socket-handshake.ts'
import { carriedAnswer } from './carried-answer.ts'
import { mayAsk } from './check-caller.ts'
import type { CheckContext } from './check-context.ts'
import type { CheckProfile, RequestLinePlace } from './profiles/check-profile.ts'

/** A request on the check endpoint. */
export interface ArrivedCheck {
  readonly request: RequestHead & Pick<RequestFraming, 'hasBody'>
  /** The address of whoever asks; `undefined`: they are gone. */
  readonly peer: string | undefined
}

/**
 * The answer to a request on the check endpoint (spec §8.2): what cannot be read, what is not here,
 * who may not ask, and then the verdict. Paths are compared raw. Without a token nothing on `/check`
 * is 2xx, a preflight neither.
 */
export function answerCheck(arrived: ArrivedCheck, context: CheckContext): Answer {
  const { settings } = context
  const received = readRequest(arrived.request, settings.limits)
  if (!received.ok) return failureAnswer(received.problem, undefined)
  const path = pathOf(received.value.target)
  if (path === PREFLIGHT) return answerPreflight(arrived, received.value, context)
  if (path !== CHECK && !path.startsWith(BELOW_CHECK)) return failureAnswer(404, undefined)
  const { preflights, refusals } = settings.profile
  if (
    preflights === 'answered_on_check' &&
    isPreflight(received.value.method, arrived.request.fields)
  ) {
    return answerPreflight(arrived, received.value, context)
  }
  const refusal = refusalOfCaller(arrived, received.value, context)
  return carriedAnswer(refusal ?? judged(arrived, received.value, context), refusals)
}

const CHECK = '/check'
const BELOW_CHECK = '/check/'
const PREFLIGHT = '/preflight'

function answerPreflight(
  arrived: ArrivedCheck,
  own: ReceivedRequest,
  context: CheckContext,
): Answer {
  const refusal = refusalOfCaller(arrived, own, context)
  if (refusal !== undefined) return refusal
  const { fields } = arrived.request
  return isPreflight(own.method, fields)
    ? preflightAnswer(fields, context.settings.cors)
    : failureAnswer(400, undefined)
}

/** What who may not ask is answered; `undefined`: they may. */
function refusalOfCaller(
  { request: { fields }, peer }: ArrivedCheck,
  { method, target }: ReceivedRequest,
  context: CheckContext,
): Answer | undefined {
  if (mayAsk(fields, peer, context.settings.callers)) return undefined
  return refuseCaller(fields, { method, path: pathOf(target), peer }, context)
}

function refuseCaller(fields: HeaderFields, asked: ObservedRequest, context: CheckContext): Answer {
  const verdict = {
    effect: 'refuse',
    reason: 'check_caller_not_trusted',
    policy: undefined,
    source: undefined,
    evidence: readEvidence(fields),
  } as const
  return refuse(verdict, asked, context)
}

function judged(arrived: ArrivedCheck, own: ReceivedRequest, context: CheckContext): Answer {
  const { settings } = context
  const { fields, hasBody } = arrived.request
  const { peer } = arrived
  const { method, target } = originalLine(fields, own, settings.profile)
  // What opens a WebSocket is GET without a body (RFC 6455 §4.1).
  const isWebSocket = own.method === 'GET' && !hasBody && offersWebSocket(fields)
  const request = { fields, target, peer, isWebSocket }
  const verdict = judge(request, context.lookUp, { settings: settings.judge, now: context.now() })
  return answerVerdict(verdict, { method, path: pathOf(target), peer }, context)
}

/** The request line of the request that the proxy asks about. */
function originalLine(
  fields: HeaderFields,
  own: ReceivedRequest,
  { method, target }: CheckProfile,
): Pick<ReceivedRequest, 'method' | 'target'> {
  return {
    method: method.in === 'field' ? soleValue(fields, method.name) : own.method,
    target: targetAt(target, own.target, fields),
  }
}

function targetAt(place: RequestLinePlace, own: string, fields: HeaderFields): string {
  switch (place.in) {
    case 'own_line':
      return pathOf(own)
    case 'own_line_below_check': {
      const below = own.slice(CHECK.length)
      return below.startsWith('/') ? below : `/${below}`
    }
    case 'field':
      return soleValue(fields, place.name)
    default:
      return place satisfies never
  }
}

/** A field that is missing or repeated says nothing. */
function soleValue(fields: HeaderFields, name: string): string {
  const [value = '', ...others] = fieldValues(fields, name)
  return others.length === 0 ? value : ''
}
