import type { IncomingMessage } from 'node:http'
import {
  type Answer,
  isPreflight,
  judge,
  type JudgedRequest,
  preflightAnswer,
  readEvidence,
} from '@keyfence/core'
import { refuse } from '../enforcement/answer-verdict.ts'
import { observe } from '../enforcement/door-context.ts'
import { readFraming } from '../http1/request-framing.ts'
import { failureAnswer, type FailureStatus, hasBody } from '../listener/own-answer.ts'
import { headOfMessage, readRequest } from '../listener/received-request.ts'
import { pathOf } from '../listener/request-target.ts'
import type { Passage } from './passage.ts'
import type { ProxyContext } from './proxy-settings.ts'

/** What becomes of a request: it is answered here, or it may pass to the upstream. */
export type Admission =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'pass'; readonly passage: Passage }

/**
 * Decides one request before a single octet goes to the upstream: what cannot be read, then
 * preflights, then open paths, then the rule.
 */
export function admit(
  message: IncomingMessage,
  isWebSocket: boolean,
  context: ProxyContext,
): Admission {
  if (REFUSED_METHODS.has(message.method ?? '')) return failed(405)
  const received = readRequest(headOfMessage(message), context.settings.limits)
  if (!received.ok) return failed(received.problem)
  // Node takes codings before `chunked`, which we would drop, and any of them from HTTP/1.0.
  if (hasBody(message) && !isFramingClear(message)) return failed(400)
  const { method, target, host } = received.value
  const request: JudgedRequest = {
    fields: message.rawHeaders,
    target,
    peer: message.socket.remoteAddress,
    isWebSocket,
  }
  return admitReadable({ method, request, host }, context)
}

function isFramingClear({ rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  return readFraming(rawHeaders, httpVersionMinor === 0 ? 0 : 1) !== undefined
}

/** Through a tunnel nothing can be judged; TRACE shows a caller the fields that we add. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE'])

function admitReadable(
  received: Pick<Passage, 'method' | 'request' | 'host'>,
  context: ProxyContext,
): Admission {
  const { method, request } = received
  const { settings } = context
  if (isPreflight(method, request.fields)) {
    return settings.cors.preflights === 'answer'
      ? { kind: 'answer', answer: preflightAnswer(request.fields, settings.cors) }
      : withoutToken(received, 'preflight')
  }
  const path = pathOf(request.target)
  if (settings.openPaths.has(path)) return withoutToken(received, 'open_path')
  const verdict = judge(request, context.lookUp, { settings: settings.judge, now: context.now() })
  if (verdict.effect === 'allow') {
    observe({ verdict, requestId: undefined, method, path, peer: request.peer }, context)
    const { evidence } = verdict
    return { kind: 'pass', passage: { ...received, evidence, by: 'token', verdict } }
  }
  return { kind: 'answer', answer: refuse(verdict, { method, path, peer: request.peer }, context) }
}

function failed(status: FailureStatus): Admission {
  return { kind: 'answer', answer: failureAnswer(status, undefined) }
}

function withoutToken(
  received: Pick<Passage, 'method' | 'request' | 'host'>,
  by: 'open_path' | 'preflight',
): Admission {
  const evidence = readEvidence(received.request.fields)
  return { kind: 'pass', passage: { ...received, evidence, by, verdict: undefined } }
}
