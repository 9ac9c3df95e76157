import type { Restrictions } from '@keyfence/core'
import { answerOf, api, type VersionedToken } from '../api/client.ts'
import { restrictionsBody } from '../restriction/request-body.ts'

/**
 * Saves both lists upon the version that they were edited from. What comes back has the lists as they
 * were saved and their version; the rest of the token is as it was.
 * @throws ApiProblem `precondition_failed` if somebody was faster, `entries_refused`
 */
export async function saveRestrictions(
  { token, etag }: VersionedToken,
  restrictions: Restrictions,
): Promise<VersionedToken> {
  const { body, etag: savedEtag } = await answerOf(
    api.PUT('/v1/tokens/{id}/restrictions', {
      params: { path: { id: token.id }, header: { 'If-Match': etag } },
      body: restrictionsBody(restrictions),
    }),
  )
  const { domains, ips } = body
  return { token: { ...token, restrictions: { domains, ips } }, etag: savedEtag }
}
