import { StoreError, type StoreErrorCode } from '../store-error.ts'

/**
 * A failure of PostgreSQL, or of the way there, as one of the store. Only the message is taken over: the
 * detail of a unique violation holds the value itself.
 */
export function storeErrorOf(error: unknown): StoreError {
  if (!(error instanceof Error)) return new StoreError('store_unavailable', String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  // Where a name has several addresses, none of which answers, the message is empty.
  const because = error.message === '' ? code : error.message
  return new StoreError(codeOf(code), `PostgreSQL: ${because}.`)
}

/** @see PostgreSQL, Appendix A: error codes */
function codeOf(sqlState: string): StoreErrorCode {
  switch (sqlState) {
    case '53100':
      return 'store_full'
    case '23505':
      return 'not_unique'
    default:
      return 'store_unavailable'
  }
}
