import {
  type EpochMs,
  formatToken,
  type Restrictions,
  TOKEN_ALPHABET,
  TOKEN_RANDOM_LENGTH,
  type TokenMode,
  type TokenStatus,
  type TokenText,
  tokenHint,
} from '@keyfence/core'
import { newTokenId, type RandomBytes } from '../identifier/identifier.ts'
import type { StoreTransaction } from '../store/store.ts'
import { type ChangeContext, noteTokenChange } from './change-context.ts'
import { hashToken, type Token, type TokenHash } from './token.ts'

/** What a new token is made from. */
export interface NewToken {
  readonly name: string
  readonly owner: string
  readonly metadata: Readonly<Record<string, string>>
  readonly notBefore: EpochMs | undefined
  readonly expiresAt: EpochMs | undefined
  readonly mode: TokenMode
  readonly restrictions: Restrictions
}

/** A token with the secret that is shown this once. */
export interface IssuedToken {
  readonly token: Token
  readonly secret: TokenText
}

/** Issues a token with a secret of its own. */
export async function issueToken(
  transaction: StoreTransaction,
  draft: NewToken,
  context: ChangeContext & { readonly tokenPrefix: string },
): Promise<IssuedToken> {
  const secret = newSecret(context.tokenPrefix, context.random)
  const hint = tokenHint(secret, context.tokenPrefix)
  const token = await insertToken(
    transaction,
    { ...draft, hint, hash: hashToken(secret) },
    {
      context,
      action: 'token.create',
    },
  )
  return { token, secret }
}

/** An existing key, known by its hash. */
export interface ImportedKey extends NewToken {
  readonly hash: TokenHash
  readonly hint: string
  /** What was disabled or revoked elsewhere is so from its first moment here. Absent: `active`. */
  readonly status?: TokenStatus
}

/** Takes in an existing key by its hash. The caller has made sure that the hash is not known. */
export async function importToken(
  transaction: StoreTransaction,
  draft: ImportedKey,
  context: ChangeContext,
): Promise<Token> {
  return insertToken(transaction, draft, { context, action: 'token.import' })
}

/** A secret of ours: 34 characters drawn evenly from the alphabet, and their checksum. */
export function newSecret(prefix: string, random: RandomBytes): TokenText {
  let characters = ''
  while (characters.length < TOKEN_RANDOM_LENGTH) {
    for (const octet of random(TOKEN_RANDOM_LENGTH)) {
      // 248 is the largest multiple of 62 in an octet; what is above would favour the first letters.
      if (octet < 248) characters += TOKEN_ALPHABET.charAt(octet % 62)
    }
  }
  return formatToken(prefix, characters.slice(0, TOKEN_RANDOM_LENGTH))
}

async function insertToken(
  transaction: StoreTransaction,
  draft: ImportedKey,
  { context, action }: { context: ChangeContext; action: 'token.create' | 'token.import' },
): Promise<Token> {
  const { hash, ...rest } = draft
  const token: Token = {
    status: 'active',
    ...rest,
    id: newTokenId(context.now, context.random),
    createdAt: context.now,
    lastUsedAt: undefined,
    version: 1,
  }
  await transaction.tokens.insert(token)
  await transaction.tokens.insertSecret(token.id, {
    hash,
    createdAt: context.now,
    endsAt: undefined,
  })
  const details = { name: token.name, restrictions: token.restrictions }
  await noteTokenChange(transaction, token, { context, note: { action, details } })
  return token
}
