import type { z } from 'zod'
import type { EpochMs } from '@keyfence/core'
import type { TokenShown } from '../../api/schema/token.ts'

/** A token as the management API shows it. */
export type ShownToken = z.infer<typeof TokenShown>

/** What a token is at this moment, in a word or two. */
export function tokenState(token: ShownToken, now: EpochMs): string {
  if (token.status !== 'active') return token.status
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= now) return 'expired'
  if (token.notBefore !== null && Date.parse(token.notBefore) > now) return 'not yet'
  return token.mode === 'report' ? 'report' : 'active'
}
