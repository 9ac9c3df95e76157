import type { ListedToken, Token } from '../api/client.ts'

/** What a token's badge says, and how loudly. */
export interface TokenState {
  readonly text: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
}

/** The state of a token now: what it may not do comes before what it may. */
export function tokenState(
  token: Pick<Token, 'status' | 'mode' | 'expiresAt' | 'notBefore'>,
  now: number,
): TokenState {
  if (token.status === 'revoked') return { text: 'revoked', tone: 'bad' }
  if (token.status === 'disabled') return { text: 'disabled', tone: 'quiet' }
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= now) {
    return { text: 'expired', tone: 'bad' }
  }
  if (token.notBefore !== null && Date.parse(token.notBefore) > now) {
    return { text: 'not yet valid', tone: 'quiet' }
  }
  if (token.mode === 'report') return { text: 'report only', tone: 'warn' }
  return { text: 'active', tone: 'good' }
}

/** What of a token that works needs a look soon, beside its state. */
export function tokenWarnings(
  token: Pick<ListedToken, 'status' | 'expiresAt' | 'traffic'>,
  now: number,
): readonly TokenState[] {
  if (token.status !== 'active') return []
  const warnings: TokenState[] = []
  if (token.expiresAt !== null && isExpiringSoon(token, now)) {
    const days = Math.ceil((Date.parse(token.expiresAt) - now) / 86_400_000)
    const text = days === 1 ? 'expires within a day' : `expires in ${days} days`
    warnings.push({ text, tone: 'warn' })
  }
  if (token.traffic?.manyRefusals === true) warnings.push({ text: 'many refusals', tone: 'bad' })
  return warnings
}

/** Whether a token that still works expires within 7 days. */
export function isExpiringSoon(token: Pick<Token, 'expiresAt'>, now: number): boolean {
  if (token.expiresAt === null) return false
  const leftMs = Date.parse(token.expiresAt) - now
  return leftMs > 0 && leftMs <= 7 * 86_400_000
}
