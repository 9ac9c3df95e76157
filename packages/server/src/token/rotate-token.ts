import { type EpochMs, type TokenText, tokenHint } from '@keyfence/core'
import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, saveChangedToken } from './change-context.ts'
import { type IssuedToken, newSecret } from './issue-token.ts'
import { hashToken, type Token } from './token.ts'

/** The longest that an old secret may live on, in milliseconds: 30 days. */
export const OVERLAP_MS_MAX = 30 * 24 * 60 * 60 * 1000

/** Before every clock: one that leaps back, or another node's that is slow, revives no secret. */
const ENDED = 0

/** A token with its new secret. */
export interface RotatedToken extends IssuedToken {
  /** When the secret before it ends or has ended. */
  readonly previousEndsAt: EpochMs
}

/**
 * Issues a new secret and lets the old one live for `overlapMs`, never past the token's end. At
 * most two live: one that was ending already ends now (spec §6). The caller has made sure that the
 * token is not revoked.
 */
export async function rotateToken(
  transaction: StoreTransaction,
  rotation: { readonly token: Token; readonly overlapMs: number },
  context: ChangeContext & { readonly tokenPrefix: string },
): Promise<RotatedToken> {
  const { token, overlapMs } = rotation
  const { now } = context
  const previousEndsAt = Math.min(now + overlapMs, token.expiresAt ?? Number.POSITIVE_INFINITY)
  for (const secret of await transaction.tokens.secretsOf(token.id)) {
    const isNewest = secret.endsAt === undefined
    const endsAt = isNewest && previousEndsAt > now ? previousEndsAt : ENDED
    await transaction.tokens.endSecret(secret.hash, endsAt)
  }
  const secret: TokenText = newSecret(context.tokenPrefix, context.random)
  await transaction.tokens.insertSecret(token.id, {
    hash: hashToken(secret),
    createdAt: now,
    endsAt: undefined,
  })
  const rotated = { ...token, hint: tokenHint(secret, context.tokenPrefix) }
  const note = { action: 'token.rotate', details: { overlapMs, previousEndsAt } } as const
  const saved = await saveChangedToken(transaction, rotated, { context, note })
  return { token: saved, secret, previousEndsAt }
}
