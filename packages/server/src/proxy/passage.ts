import type { AllowVerdict, Evidence, JudgedRequest } from '@keyfence/core'

/** A request that may go to the upstream. */
export interface Passage {
  readonly method: string
  readonly request: JudgedRequest
  /** The one `Host` of the request; `undefined` for HTTP/1.0 without one. */
  readonly host: string | undefined
  readonly evidence: Evidence
  /** Why it passes: a token, an open path, or a preflight that the operator passes on. */
  readonly by: 'token' | 'open_path' | 'preflight'
  /** There if it passes by a token. */
  readonly verdict: AllowVerdict | undefined
}
