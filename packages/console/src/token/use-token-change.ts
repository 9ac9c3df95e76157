import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, answerOf, type Token } from '../api/client.ts'
import { type ChangedToken, keepToken } from './keep-token.ts'

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
    onSuccess: (changed) => keepToken(queries, changed),
  })
}

/** Sends one change of a token. */
export async function sendChange(sent: {
  id: string
  etag: string
  change: TokenChange
}): Promise<ChangedToken> {
  const { id, change } = sent
  const params = { path: { id }, header: { 'If-Match': sent.etag } }
  const { body: token, etag } =
    change.kind === 'members'
      ? await answerOf(api.PATCH('/v1/tokens/{id}', { params, body: change.changes }))
      : await answerOf(api.POST(`/v1/tokens/{id}/${change.verb}`, { params, body: {} }))
  return { token, etag }
}
