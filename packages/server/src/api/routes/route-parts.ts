import { z } from '@hono/zod-openapi'
import { closedObject } from '../closed-object.ts'
import { problemResponses } from '../problem.ts'
import type { ProblemCode } from '../problem-codes.ts'

const READ_PROBLEMS = [
  'invalid_request',
  'unknown_member',
  'unauthenticated',
  'forbidden',
  'misdirected_host',
  'internal_error',
  'store_unavailable',
] as const satisfies readonly ProblemCode[]

const BODY_PROBLEMS = [
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ProblemCode[]

/** The problems of every route that reads, and these. */
export function readProblems<Code extends ProblemCode>(...codes: readonly Code[]) {
  return problemResponses([...READ_PROBLEMS, ...codes])
}

/** The problems of every route that has a body and changes nothing, and these. */
export function askProblems<Code extends ProblemCode>(...codes: readonly Code[]) {
  return problemResponses([...READ_PROBLEMS, ...BODY_PROBLEMS, ...codes])
}

/** The problems of every route that changes something, and these. */
export function changeProblems<Code extends ProblemCode>(...codes: readonly Code[]) {
  return problemResponses([...READ_PROBLEMS, ...BODY_PROBLEMS, 'store_full', ...codes])
}

/** An answer in JSON. */
export function answered<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } } as const
}

/** The answer that shows a token, with its entity tag. */
export function answeredWithTag<Schema extends z.ZodType>(description: string, schema: Schema) {
  const ETag = { description: 'The version of the token.', schema: { type: 'string' } } as const
  return { ...answered(description, schema), headers: { ETag } } as const
}

/** A body that has to be there. */
export function jsonBodyOf<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

/** A body that may be left out. */
export function optionalBodyOf<Schema extends z.ZodType>(schema: Schema) {
  return { required: false, content: { 'application/json': { schema } } } as const
}

/** Of routes that know no query parameter. */
export const NO_QUERY = closedObject({})

/** Of routes whose path says everything; `{}` is no body either. */
export const NO_BODY = optionalBodyOf(closedObject({}))

/** The token that a path names. What cannot be an id is not found, like any other. */
export const TOKEN_PATH = z.object({
  id: z.string().openapi({ example: 'tok_019a2b3c-0000-7000-8000-000000000000' }),
})
