import type { Answer } from '@keyfence/core'
import type { GuardedRequest } from '../enforcement/guard-decision.ts'

/**
 * A `Request` as a guard judges it. Repeated fields have become one, which judges the same: two
 * origins in one line are no origin, and two tokens no token.
 * @param peer the address of the socket; a `Request` does not know it.
 */
export function guardedRequest(request: Request, peer: string | undefined): GuardedRequest {
  const fields: string[] = []
  for (const [name, value] of request.headers) fields.push(name, value)
  return { method: request.method, target: pathAndQuery(request.url), fields, peer }
}

/** The target of a request whose whole address is known. */
export function pathAndQuery(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** The answer of a refusal or a preflight. */
export function answerResponse(answer: Answer, method: string): Response {
  const headers = new Headers()
  for (const [name, value] of answer.headers) headers.set(name, value)
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  const hasBody = method !== 'HEAD' && answer.status !== 204
  return new Response(hasBody ? answer.body : null, { status: answer.status, headers })
}
