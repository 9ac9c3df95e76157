import { problemText } from '../api/problem.ts'
import { readToken } from '../api/queries.ts'
import { sendChange } from './send-change.ts'

/** What became of a change of many tokens. */
export interface BulkOutcome {
  readonly changedIds: readonly string[]
  /** One sentence for each token that was not changed. */
  readonly failures: readonly string[]
}

/**
 * Changes the status of many tokens, one after the other, each upon the version that it has then.
 * One that cannot be changed keeps none of the others back.
 */
export async function changeStatusOfMany(
  tokens: readonly { readonly id: string; readonly name: string }[],
  verb: 'disable' | 'enable' | 'revoke',
): Promise<BulkOutcome> {
  const changedIds: string[] = []
  const failures: string[] = []
  for (const { id, name } of tokens) {
    try {
      await sendChange(await readToken(id), { kind: 'status', verb })
      changedIds.push(id)
    } catch (error) {
      failures.push(`${name}: ${problemText(error)}`)
    }
  }
  return { changedIds, failures }
}
