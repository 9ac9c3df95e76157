import type { Restrictions } from '@keyfence/core'
import { answerOf, api } from '../api/client.ts'
import { readToken } from '../api/queries.ts'
import type { VersionedToken } from '../api/client.ts'
import { restrictionsBody } from '../restriction/request-body.ts'

/**
 * Saves both lists upon the version that they were edited from, and reads the token as it is then.
 * @throws ApiProblem `precondition_failed` if somebody was faster, `entries_refused`
 */
export async function saveRestrictions(sent: {
  id: string
  etag: string
  restrictions: Restrictions
}): Promise<VersionedToken> {
  const { id, etag, restrictions } = sent
  await answerOf(
    api.PUT('/v1/tokens/{id}/restrictions', {
      params: { path: { id }, header: { 'If-Match': etag } },
      body: restrictionsBody(restrictions),
    }),
  )
  return readToken(id)
}
