import { z } from '@hono/zod-openapi'
import { mustNameVersion } from '../access/caller.ts'
import type { Token } from '../token/token.ts'
import type { ApiRequest } from './api-context.ts'
import { refuse } from './problem.ts'

/** The field that names the version to change. */
export const IF_MATCH = {
  'If-Match': z.string().max(1000).optional().openapi({
    description: 'The `ETag` that the token must still have.',
    example: '"3"',
  }),
} as const

/** The version of a token as its entity tag (RFC 9110 §8.8.3). */
export function entityTag(token: Pick<Token, 'version'>): string {
  return `"${token.version}"`
}

/** Refuses a change whose `If-Match` does not name the present version, or is missing where needed. */
export function refusePrecondition(
  c: ApiRequest,
  token: Pick<Token, 'version'>,
): ReturnType<typeof refuse<'precondition_failed' | 'precondition_required'>> | undefined {
  const field = c.req.header('if-match')
  if (field === undefined) {
    if (!mustNameVersion(c.var.caller)) return undefined
    return refuse('precondition_required', 'Send the ETag of the token as If-Match.')
  }
  // A weak tag never matches (RFC 9110 §13.1.1); ours hold no comma.
  const isMatch = field.split(',').some((tag) => ['*', entityTag(token)].includes(tag.trim()))
  if (isMatch) return undefined
  return refuse('precondition_failed', 'Read the token again, and send its ETag as If-Match.')
}
