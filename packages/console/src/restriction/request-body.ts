import type { Restrictions } from '@keyfence/core'
import type { TokenDraft } from '../api/client.ts'

/** Restrictions as a request sends them. */
export function restrictionsBody(
  restrictions: Restrictions,
): NonNullable<TokenDraft['restrictions']> {
  // `as`: the document describes the members of an entry in words alone.
  return restrictions as unknown as NonNullable<TokenDraft['restrictions']>
}
