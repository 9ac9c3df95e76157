import type { Verdict } from '@keyfence/core'

/** A verdict and the request it was about, as every door tells of it. */
export interface Observation {
  readonly verdict: Verdict
  /** As sent in `Keyfence-Request-Id`; `undefined` where the answer has none. */
  readonly requestId: string | undefined
  readonly method: string
  /** Raw path without the query. */
  readonly path: string
}
