/** Why the store did not do what was asked. */
export type StoreErrorCode =
  /** No room on the disk: nothing was written; 507. */
  | 'store_full'
  /** Locked, lost, damaged or closed; 503. */
  | 'store_unavailable'
  /** The schema is one of a newer Keyfence. */
  | 'schema_newer'
  /** A unique value is there already. */
  | 'not_unique'

/** A failure of the store itself, never of what was asked. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}

/** The store is out of reach: it may be there again at the next attempt. */
export class StoreAway extends StoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('store_unavailable', message, options)
  }
}
