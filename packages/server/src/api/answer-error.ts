import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { newRequestId } from '../identifier/identifier.ts'
import { StoreError, type StoreErrorCode } from '../store/store-error.ts'
import type { ApiRequest } from './api-context.ts'
import { problemAnswer, type RefusedWith } from './problem.ts'
import type { ProblemCode } from './problem-codes.ts'

/** The answer to what broke. Its cause is for the log alone, under the name that the answer has. */
export function answerError(error: Error, c: ApiRequest): Response {
  // The framework's own refusals of bodies; ours come first, and these are a second net.
  if (error instanceof HTTPException) {
    const code = error.status === 415 ? 'unsupported_media_type' : 'malformed_json'
    return problemAnswer(c, { code, facts: { detail: 'Send the body as application/json.' } })
  }
  const problem = problemOf(error)
  if (problem.code === 'conflict') return problemAnswer(c, problem)
  const { log, random } = c.var.api
  const requestId = newRequestId(random)
  // The route's own path: what stands in a caller's may be a secret in the wrong place.
  const facts = { err: error, requestId, method: c.req.method, route: routePath(c) }
  log.error(facts, 'request failed')
  const instance = `urn:keyfence:request:${requestId}`
  return problemAnswer(c, { ...problem, facts: { ...problem.facts, instance } })
}

function problemOf(error: Error): RefusedWith<ProblemCode> {
  if (error instanceof StoreError) return STORE_PROBLEMS[error.code]
  return { code: 'internal_error', facts: { detail: 'The log says why, under this instance.' } }
}

const UNAVAILABLE: RefusedWith<ProblemCode> = {
  code: 'store_unavailable',
  facts: { detail: 'Try again in a few seconds. What was asked may have been done.' },
}

const STORE_PROBLEMS: Record<StoreErrorCode, RefusedWith<ProblemCode>> = {
  store_full: {
    code: 'store_full',
    facts: { detail: 'Nothing was written. Make room on the disk, then try again.' },
  },
  store_unavailable: UNAVAILABLE,
  schema_newer: UNAVAILABLE,
  not_unique: {
    code: 'conflict',
    facts: { detail: 'Somebody did the same at the same moment. Read again.' },
  },
}
