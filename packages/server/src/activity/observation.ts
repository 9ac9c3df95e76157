import type { Verdict } from '@keyfence/core'

/** A verdict and the request it was about, as every door tells of it. */
export interface Observation {
  readonly verdict: Verdict
  /** As sent in `Keyfence-Request-Id`; `undefined` where the answer has none. */
  readonly requestId: string | undefined
  readonly method: string
  /** The socket's remote address, `undefined` if unknown. */
  readonly peer: string | undefined
  /** Raw path without the query. */
  readonly path: string
}
