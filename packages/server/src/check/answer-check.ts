import type { IncomingMessage } from 'node:http'
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
import { failureAnswer } from '../listener/own-answer.ts'
import { type ReceivedRequest, readRequest } from '../listener/received-request.ts'
import { pathOf } from '../listener/request-target.ts'
import { isWebSocketHandshake } from '../listener/web-socket-handshake.ts'
import { mayAsk } from './check-caller.ts'
import type { CheckContext } from './check-context.ts'
import type { CheckProfile, RequestLinePlace } from './profiles/check-profile.ts'

/**
 * The answer to a request on the check endpoint (spec §8.2): what cannot be read, what is not here,
 * who may not ask, and then the verdict. Paths are compared raw. Without a token nothing on `/check`
 * is 2xx, a preflight neither.
 */
export function answerCheck(message: IncomingMessage, context: CheckContext): Answer {
  const { settings } = context
  const received = readRequest(message, settings.limits)
  if (!received.ok) return failureAnswer(received.problem, undefined)
  const path = pathOf(received.value.target)
  const isCheck = path === CHECK || path.startsWith(BELOW_CHECK)
  if (!isCheck && path !== PREFLIGHT) return failureAnswer(404, undefined)
  const fields = message.rawHeaders
  if (!mayAsk(fields, message.socket.remoteAddress, settings.callers)) {
    const { method } = received.value
    return refuseCaller(fields, { method, path, peer: message.socket.remoteAddress }, context)
  }
  if (isCheck) return judged(message, received.value, context)
  return isPreflight(received.value.method, fields)
    ? preflightAnswer(fields, settings.cors)
    : failureAnswer(400, undefined)
}

const CHECK = '/check'
const BELOW_CHECK = '/check/'
const PREFLIGHT = '/preflight'

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

function judged(message: IncomingMessage, own: ReceivedRequest, context: CheckContext): Answer {
  const { settings } = context
  const { method, target } = originalLine(message.rawHeaders, own, settings.profile)
  const request = {
    fields: message.rawHeaders,
    target,
    peer: message.socket.remoteAddress,
    isWebSocket: isWebSocketHandshake(message),
  }
  const verdict = judge(request, context.lookUp, { settings: settings.judge, now: context.now() })
  return answerVerdict(verdict, { method, path: pathOf(target), peer: request.peer }, context)
}

/** The request line of the request that the proxy asks about. */
function originalLine(
  fields: HeaderFields,
  own: ReceivedRequest,
  { method, target }: CheckProfile,
): Pick<ReceivedRequest, 'method' | 'target'> {
  return {
    method: textAt(method, own.method, fields),
    target: textAt(target, pathOf(own.target), fields),
  }
}

/** A field that is missing or repeated says nothing. */
function textAt(place: RequestLinePlace, own: string, fields: HeaderFields): string {
  if (place.in === 'own_line') return own
  const [value = '', ...others] = fieldValues(fields, place.name)
  return others.length === 0 ? value : ''
}
