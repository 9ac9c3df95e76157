import { actorOf } from '../access/caller.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ChangeContext } from '../token/change-context.ts'
import type { ApiRequest } from './api-context.ts'
import type { Outcome } from './problem.ts'
import type { ProblemCode } from './problem-codes.ts'

/** Who changes what, when, with which randomness and token prefix. */
export interface ApiChangeContext extends ChangeContext {
  readonly tokenPrefix: string
}

/**
 * Runs `work` in one transaction, undone if it ends in a problem, and comes back once this node has
 * applied what was written: the next request obeys.
 */
export async function commit<Value, Code extends ProblemCode = never>(
  c: ApiRequest,
  work: (transaction: StoreTransaction, context: ApiChangeContext) => Promise<Outcome<Value, Code>>,
): Promise<Outcome<Value, Code>> {
  const { store, follower, clock, random, settings } = c.var.api
  const actor = actorOf(c.var.caller)
  const context = { actor, now: clock.now(), random, tokenPrefix: settings.tokenPrefix }
  try {
    const outcome = await store.transact(async (transaction) => {
      const done = await work(transaction, context)
      if (!done.ok) throw new Undone(done)
      return done
    })
    await follower.catchUp()
    return outcome
  } catch (error) {
    if (error instanceof Undone) return error.outcome as Outcome<Value, Code> // made a few lines up
    throw error
  }
}

/** Carries a problem out of its transaction, which only a rejection undoes. */
class Undone extends Error {
  readonly outcome: { readonly ok: false }
  constructor(outcome: { readonly ok: false }) {
    super('undone')
    this.outcome = outcome
  }
}
