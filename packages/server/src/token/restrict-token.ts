import type { Parsed, Restrictions } from '@keyfence/core'
import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, saveChangedToken } from './change-context.ts'
import { type ChangeProblem, refuseRevoked } from './change-problem.ts'
import type { Token } from './token.ts'

/**
 * Replaces both lists by checked ones. Written even where nothing differs: that is how a damaged
 * record is mended.
 */
export async function restrictToken(
  transaction: StoreTransaction,
  { token, restrictions }: { readonly token: Token; readonly restrictions: Restrictions },
  context: ChangeContext,
): Promise<Parsed<Token, ChangeProblem>> {
  const refused = refuseRevoked(token)
  if (refused !== undefined) return refused
  const details = { from: token.restrictions, to: restrictions }
  const note = { action: 'token.restrict', details } as const
  const restricted = { ...token, restrictions }
  return { ok: true, value: await saveChangedToken(transaction, restricted, { context, note }) }
}
