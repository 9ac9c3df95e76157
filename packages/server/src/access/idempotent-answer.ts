import type { EpochMs } from '@keyfence/core'

/** The answer to a request that carried an `Idempotency-Key`, as a replay repeats it. */
export interface IdempotentAnswer {
  /** Hash of method, path and body: another body under the same key is a mistake. */
  readonly requestHash: string
  readonly status: number
  /** The JSON answer without its secret. */
  readonly body: string
}

/** Which request an answer belongs to. */
export interface IdempotencyScope {
  readonly caller: string
  readonly idempotencyKey: string
}

export interface AnswerStore {
  /** An answer not older than `since`. */
  find(scope: IdempotencyScope, since: EpochMs): Promise<IdempotentAnswer | undefined>
  /** Saves the answer, and forgets those older than `since`. */
  save(
    scope: IdempotencyScope,
    answer: IdempotentAnswer,
    times: { readonly now: EpochMs; readonly since: EpochMs },
  ): Promise<void>
}
