import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, answerOf, type Token, type VersionedToken } from '../api/client.ts'
import { readToken, tokenQuery } from '../api/queries.ts'

type TokenChange =
  | {
      readonly kind: 'members'
      readonly changes: { name?: string; mode?: Token['mode']; expiresAt?: string | null }
    }
  | { readonly kind: 'status'; readonly verb: 'disable' | 'enable' | 'revoke' }

/**
 * Changes a token whose version is known, and keeps what came back. @throws ApiProblem
 * `precondition_failed` if somebody was faster.
 */
export function useTokenChange(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ etag, change }: { etag: string; change: TokenChange }) =>
      sendChange({ id, etag, change }),
    onSuccess: (changed) => {
      queries.setQueryData(tokenQuery(id).queryKey, changed)
      void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
    },
  })
}

/** Sends one change of a token. */
export async function sendChange(sent: {
  id: string
  etag: string
  change: TokenChange
}): Promise<VersionedToken> {
  const { id, etag, change } = sent
  const params = { path: { id }, header: { 'If-Match': etag } }
  if (change.kind === 'members') {
    await answerOf(api.PATCH('/v1/tokens/{id}', { params, body: change.changes }))
  } else await answerOf(api.POST(`/v1/tokens/{id}/${change.verb}`, { params, body: {} }))
  // The answer to a change does not say whether an overlap is under way.
  return readToken(id)
}
