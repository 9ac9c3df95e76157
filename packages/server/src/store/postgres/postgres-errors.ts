import { StoreAway, StoreError, type StoreErrorCode } from '../store-error.ts'

/**
 * A failure of PostgreSQL, or of the way there, as one of the store. Only the message is taken over: the
 * detail of a unique violation holds the value itself.
 */
export function storeErrorOf(error: unknown): StoreError {
  if (!(error instanceof Error)) return new StoreError('store_unavailable', String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  // Where a name has several addresses, none of which answers, the message is empty.
  const because = error.message === '' ? code : error.message
  const message = `PostgreSQL: ${because}.`
  return isAway(code) ? new StoreAway(message) : new StoreError(codeOf(code), message)
}

/**
 * Whether waiting may help. The server said nothing (`Error`, or a code of the system), or that it begins,
 * ends, recovers or has no room for one more; anything else that it says of a start is for somebody to mend.
 */
function isAway(code: string): boolean {
  if (!/^[0-9A-Z]{5}$/.test(code)) return !code.startsWith('ERR_TLS') && !TLS_CODES.test(code)
  return ['08', '53', '57'].includes(code.slice(0, 2)) && code !== '53100' && code !== '57014'
}

/** The certificate is not one for the host: that stays so. */
const TLS_CODES = /CERT|SELF_SIGNED|UNABLE_TO/

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
