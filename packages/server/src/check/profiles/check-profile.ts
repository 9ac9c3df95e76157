/** Which proxy asks, as a table: where it says what the original request was (spec §8.2). */
export interface CheckProfile {
  readonly method: RequestLinePlace
  readonly target: RequestLinePlace
  readonly refusals: RefusalCarrier
  /** Where the line that Keyfence receives is the caller's own, a preflight shows by it. */
  readonly preflights: 'answered_at_preflight' | 'answered_on_check'
}

/**
 * The check request's own line, its query set aside, for it may be anybody's; what of that line
 * stands behind `/check`, its query too; or a field by its lower-case name. No other field is read.
 */
export type RequestLinePlace =
  | { readonly in: 'own_line' }
  | { readonly in: 'own_line_below_check' }
  | { readonly in: 'field'; readonly name: string }

/** How a proxy lets its caller know: by the answer as it is, or by 401, 403 and two fields. */
export type RefusalCarrier = 'the_answer' | 'fields_of_401_and_403'
