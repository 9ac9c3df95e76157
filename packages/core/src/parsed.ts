declare const brand: unique symbol

/** A `Base` that went through the one function that may call itself the maker of `Name`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** What a parser gives: the value, or the problem that kept it from being one. */
export type Parsed<Value, Problem> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem }

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number
