import type { QueryClient } from '@tanstack/react-query'
import type { ReadToken, Token } from '../api/client.ts'
import { tokenQuery } from '../api/queries.ts'

/** What a change gave: the token as it is now, and its version. */
export interface ChangedToken {
  readonly token: Token & Partial<Pick<ReadToken, 'previousSecretEndsAt'>>
  readonly etag: string
}

/**
 * Keeps what a change gave, so that the page shows it and the next change names its version. What the
 * answer does not tell is read again behind it, which also gives up a reading that is under way: it
 * may be of the version before.
 */
export function keepToken(queries: QueryClient, { token, etag }: ChangedToken): void {
  const { queryKey } = tokenQuery(token.id)
  queries.setQueryData(queryKey, (known) => {
    if (known === undefined) return undefined
    // The answers to two changes may come in another order than the changes were made.
    if (versionOf(known.etag) > versionOf(etag)) return known
    return { token: { ...known.token, ...token }, etag }
  })
  void queries.invalidateQueries({ queryKey })
  void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
}

/** The server counts them up, and the tag is the number in quotes. */
function versionOf(etag: string): number {
  return Number(etag.replaceAll('"', ''))
}
