/** One of the problems of an answer: which part of the body, and what is wrong with it. */
export interface SingleProblem {
  /** A JSON pointer (RFC 6901) into what was sent; of an entry, from the restrictions object. */
  readonly path?: string
  /** Stable; each has a page in docs/codes. */
  readonly code?: string
  /** What to send instead. */
  readonly message: string
}

/** What the management API has refused (RFC 9457). The message is its `detail`: what to do. */
export class ManagementProblem extends Error {
  override readonly name = 'ManagementProblem'
  readonly status: number
  /** Stable; each has a page in docs/codes. `unknown` where something else has answered. */
  readonly code: string
  readonly problems: readonly SingleProblem[]

  constructor(facts: {
    readonly status: number
    readonly code: string
    readonly detail: string
    readonly problems: readonly SingleProblem[]
  }) {
    super(facts.detail)
    this.status = facts.status
    this.code = facts.code
    this.problems = facts.problems
  }
}
