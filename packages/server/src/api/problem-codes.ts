/**
 * Every problem that the management API answers with: its code, status and title. Codes are stable,
 * and each has a page.
 */
export const PROBLEMS = {
  malformed_json: { status: 400, title: 'The body is not JSON.' },
  unknown_member: { status: 400, title: 'There is no such member or parameter.' },
  invalid_request: { status: 400, title: 'The request is not as documented.' },
  unauthenticated: { status: 401, title: 'A management key is needed.' },
  sign_in_failed: { status: 401, title: 'Name and password do not go together.' },
  link_not_valid: { status: 401, title: 'The link does not work any more.' },
  forbidden: { status: 403, title: 'The caller may not do this.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, title: 'This cannot be done here.' },
  conflict: { status: 409, title: 'The present state does not allow this.' },
  precondition_failed: { status: 412, title: 'It was changed in the meantime.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, title: 'The body has to be JSON.' },
  misdirected_host: { status: 421, title: 'This host name is not served.' },
  entries_refused: { status: 422, title: 'Some entries cannot be saved.' },
  password_refused: { status: 422, title: 'The password is not taken.' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used already.' },
  precondition_required: { status: 428, title: 'If-Match is needed.' },
  too_many_attempts: { status: 429, title: 'There were too many attempts.' },
  internal_error: { status: 500, title: 'Something broke.' },
  store_unavailable: { status: 503, title: 'The store does not answer.' },
  store_full: { status: 507, title: 'The store is full.' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** The codes of all problems, each with a page of its own. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[] // keys forgets what it was given

/** The statuses that problems of these codes have. */
export type ProblemStatus<Code extends ProblemCode = ProblemCode> =
  (typeof PROBLEMS)[Code]['status']
