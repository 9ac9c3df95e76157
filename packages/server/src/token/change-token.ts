import type { Parsed } from '@keyfence/core'
import { isDeepStrictEqual } from 'node:util'
import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, saveChangedToken } from './change-context.ts'
import { type ChangeProblem, isEverValid, refuseRevoked } from './change-problem.ts'
import type { Token } from './token.ts'

/** What may be changed of a token beside its restrictions and its status. */
export type TokenChanges = Partial<
  Pick<Token, 'name' | 'metadata' | 'notBefore' | 'expiresAt' | 'mode'>
>

/**
 * Changes what is given, and leaves what is not. A time that is given as `undefined` ends to limit.
 * Where nothing differs nothing is written, and the version stays.
 */
export async function changeToken(
  transaction: StoreTransaction,
  { token, changes }: { readonly token: Token; readonly changes: TokenChanges },
  context: ChangeContext,
): Promise<Parsed<Token, ChangeProblem>> {
  const changed: Token = { ...token, ...changes }
  const refused = refuseRevoked(token)
  if (refused !== undefined) return refused
  if (!isEverValid(changed)) return { ok: false, problem: 'never_valid' }
  if (isDeepStrictEqual(changed, token)) return { ok: true, value: token }
  const names = Object.keys(changes) as (keyof TokenChanges)[] // keys forgets what it was given
  const details = { from: membersOf(token, names), to: membersOf(changed, names) }
  const note = { action: 'token.change', details } as const
  return { ok: true, value: await saveChangedToken(transaction, changed, { context, note }) }
}

/** An absent time is `null`: JSON would drop it. */
function membersOf(token: Token, names: readonly (keyof TokenChanges)[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, token[name] ?? null]))
}
