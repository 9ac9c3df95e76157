import { expect, test } from 'vitest'
import { StoreAway } from '../store-error.ts'
import { storeErrorOf } from './postgres-errors.ts'

test.each<{ code: string; isAway: boolean; because: string }>([
  { code: 'ECONNREFUSED', isAway: true, because: 'nobody listens' },
  { code: 'ENOTFOUND', isAway: true, because: 'its name is not known yet' },
  { code: 'ETIMEDOUT', isAway: true, because: 'nothing answers' },
  { code: '57P03', isAway: true, because: 'it is starting' },
  { code: '57P01', isAway: true, because: 'it is being stopped' },
  { code: '53300', isAway: true, because: 'it has no connection left' },
  { code: '08006', isAway: true, because: 'the connection was lost' },
  { code: '28P01', isAway: false, because: 'the password stays wrong' },
  { code: '3D000', isAway: false, because: 'there is no such database' },
  { code: '42501', isAway: false, because: 'it may not make tables' },
  { code: '57014', isAway: false, because: 'the statement took too long' },
  { code: '53100', isAway: false, because: 'the disk is full' },

  { code: 'ERR_TLS_CERT_ALTNAME_INVALID', isAway: false, because: 'it is another server' },
  { code: 'SELF_SIGNED_CERT_IN_CHAIN', isAway: false, because: 'nobody vouches for it' },
  { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', isAway: false, because: 'nobody vouches for it' },
  { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', isAway: false, because: 'nobody vouches for it' },
])('$code is waited for: $isAway, $because', ({ code, isAway }) => {
  const error = storeErrorOf(Object.assign(new Error('x'), { code }))
  expect(error instanceof StoreAway).toBe(isAway)
})
