import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '@keyfence/core'
import type { AllowedCall, GuardedRequest } from '../enforcement/guard-decision.ts'
import type { Guard } from '../guard/create-guard.ts'

/** What became of a request: who calls, `undefined` for a preflight that passes; or `answered`. */
export type NodeOutcome = AllowedCall | undefined | 'answered'

/** A request as Node received it. The address is the socket's: no framework is asked. */
export function guardedRequest(
  request: IncomingMessage & { readonly originalUrl?: string },
): GuardedRequest {
  return {
    method: request.method ?? '',
    // Express and Nest cut off where a router is mounted.
    target: request.originalUrl ?? request.url ?? '',
    fields: request.rawHeaders,
    peer: request.socket.remoteAddress,
  }
}

/** Decides a request, and answers it unless it is allowed. */
export function guardNodeRequest(
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
): NodeOutcome {
  const decision = guard.decide(guardedRequest(request))
  if (decision.effect === 'allow') return decision
  if (decision.answer === undefined) return undefined
  sendAnswer(request, response, decision.answer)
  return 'answered'
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body } = answer
  response.statusCode = status
  for (const [name, value] of completed(answer, headers)) response.setHeader(name, value)
  // Nobody reads the body that was announced.
  if (hasBody(request)) response.setHeader('Connection', 'close')
  response.end(body)
}

/** The fields of an answer of the guard's own, caching told in each. */
export function completed(
  { status, body }: Answer,
  headers: Answer['headers'],
): readonly (readonly [name: string, value: string])[] {
  const fields = headers.some(([name]) => name === 'Cache-Control')
    ? headers
    : [...headers, ['Cache-Control', 'no-store'] as const]
  // The bodies are ASCII.
  return status === 204 ? fields : [...fields, ['Content-Length', String(body.length)]]
}

/** Whether the request announces a body (RFC 9112 §6). */
function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
