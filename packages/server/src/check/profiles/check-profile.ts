/** Which proxy asks, as a table: where it says what the original request was (spec §8.2). */
export interface CheckProfile {
  readonly method: RequestLinePlace
  /** Of the check request's own line, the query is set aside: it may be anybody's. */
  readonly target: RequestLinePlace
}

/** The check request's own line, or a field by its lower-case name. No other field is read. */
export type RequestLinePlace =
  | { readonly in: 'own_line' }
  | { readonly in: 'field'; readonly name: string }
