import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, noteTokenChange } from './change-context.ts'
import type { Token } from './token.ts'

/** Deletes a token; its hashes stay known, so that none of them is ever accepted again (spec §6). */
export async function deleteToken(
  transaction: StoreTransaction,
  token: Token,
  context: ChangeContext,
): Promise<void> {
  await transaction.tokens.remove(token.id)
  const details = { name: token.name, hint: token.hint }
  await noteTokenChange(transaction, token, { context, note: { action: 'token.delete', details } })
}
