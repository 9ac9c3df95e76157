/** One single problem within an answer (RFC 9457, `problems`). */
export interface SingleProblem {
  readonly path?: string | undefined
  readonly code?: string | undefined
  readonly message: string
}

/** What the API refused, or that it could not be reached (`code` `unreachable`, `status` 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly problems: readonly SingleProblem[]
  /** Seconds to wait, where the answer says so. */
  readonly retryAfterSeconds: number | undefined

  constructor(facts: {
    status: number
    code: string
    detail: string
    problems?: readonly SingleProblem[] | undefined
    retryAfterSeconds?: number | undefined
  }) {
    super(facts.detail)
    this.name = 'ApiProblem'
    this.status = facts.status
    this.code = facts.code
    this.problems = facts.problems ?? []
    this.retryAfterSeconds = facts.retryAfterSeconds
  }
}

/** Whether somebody else changed the token in the meantime (412). */
export function isOvertaken(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'precondition_failed'
}

/** Whether nobody answered at all. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 0
}

/** Whether what was sent may have been done all the same: nobody answered, or nobody knows. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500)
}

/** The sentence for a person: what happened and what to do. */
export function problemText(error: unknown): string {
  if (isOvertaken(error)) {
    return 'Somebody else changed this meanwhile. You see it as it is now: look, then do it again.'
  }
  if (error instanceof ApiProblem) {
    const { retryAfterSeconds, message } = error
    // Some answers say in words what their Retry-After says.
    if (retryAfterSeconds === undefined || message.includes('Try again')) return message
    return `${message} Try again in ${waitText(retryAfterSeconds)}.`
  }
  return 'Something broke in this page. Load it again.'
}

function waitText(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  return `${Math.ceil(seconds / 60)} minutes`
}

/** Reads the problem out of an answer that is none of what was hoped for. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined)
  const facts = typeof body === 'object' && body !== null ? body : {}
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
  return new ApiProblem({
    status: response.status,
    code: textOf(facts, 'code') ?? 'unknown',
    detail: textOf(facts, 'detail') ?? `The server answered ${response.status}.`,
    problems: 'problems' in facts && Array.isArray(facts.problems) ? facts.problems : [],
    retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter,
  })
}

function textOf(facts: object, member: 'code' | 'detail'): string | undefined {
  const value: unknown = Reflect.get(facts, member)
  return typeof value === 'string' ? value : undefined
}

/** What is thrown when the server cannot be reached. */
export const UNREACHABLE = {
  status: 0,
  code: 'unreachable',
  detail: 'The server does not answer. Nothing that you entered is lost: try again.',
} as const
