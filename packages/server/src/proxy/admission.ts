import type { IncomingMessage } from 'node:http'
import {
  type Answer,
  fieldValues,
  isPreflight,
  judge,
  type JudgedRequest,
  preflightAnswer,
  readEvidence,
  refusalAnswer,
} from '@keyfence/core'
import { failureAnswer, type FailureStatus } from './own-answer.ts'
import type { Passage } from './passage.ts'
import type { Observation, ProxyContext } from './proxy-settings.ts'
import { pathOf, requestTarget } from './request-target.ts'

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
  const { settings } = context
  const method = message.method ?? ''
  const fields = message.rawHeaders
  if (fields.length > settings.limits.headerFieldsMax * 2) return failed(431)
  const target = requestTarget(method, message.url ?? '')
  if (target.kind === 'method_not_allowed') return failed(405)
  const hosts = fieldValues(fields, 'host')
  if (target.kind === 'malformed' || !isServed(message, hosts)) return failed(400)
  const request: JudgedRequest = {
    fields,
    target: target.target,
    peer: message.socket.remoteAddress,
    isWebSocket,
  }
  return admitReadable({ method, request, host: hosts[0] }, context)
}

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
    observe({ verdict, requestId: undefined, method, path }, context)
    const { evidence } = verdict
    return { kind: 'pass', passage: { ...received, evidence, by: 'token', verdict } }
  }
  const requestId = context.requestId()
  observe({ verdict, requestId, method, path }, context)
  const { evidence, reason } = verdict
  return { kind: 'answer', answer: refusalAnswer(reason, { evidence, requestId }) }
}

/** Tells the observer, whose failures are its own: a request is decided with or without it. */
export function observe(observation: Observation, context: ProxyContext): void {
  try {
    context.observe(observation)
  } catch (error) {
    context.log.error({ err: error }, 'observing a verdict failed')
  }
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

/** HTTP/1.x with one `Host`, which HTTP/1.0 may leave out (RFC 9112 §3.2). */
function isServed(message: IncomingMessage, hosts: readonly string[]): boolean {
  if (message.httpVersionMajor !== 1 || hosts.length > 1) return false
  const [host] = hosts
  return host === undefined ? message.httpVersionMinor === 0 : HOST.test(host)
}

/** Characters of RFC 3986 §3.2.2 and a port. The upstream and our own log see it as it is. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(?::[0-9]*)?$/
