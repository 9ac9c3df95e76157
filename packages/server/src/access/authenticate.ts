import { MANAGEMENT_KEY_PREFIX, parseTokenText } from '@keyfence/core'
import { timingSafeEqual } from 'node:crypto'
import { hashToken, type TokenHash } from '../token/token.ts'
import type { Caller } from './caller.ts'
import type { KeyReader } from './management-key.ts'

/** The keys that callers are told by. */
export interface KnownKeys {
  readonly keys: Pick<KeyReader, 'findByHash'>
  /** Hash of `KEYFENCE_MANAGEMENT_KEY`, if there is one. */
  readonly environmentKeyHash: TokenHash | undefined
}

/**
 * Who sent this `Authorization` field: `Bearer` (any case) and a live management key.
 * @returns `undefined` for everything else: no field, another scheme, several fields, an unknown or
 *   revoked key.
 */
export async function authenticate(
  authorization: string | undefined,
  { keys, environmentKeyHash }: KnownKeys,
): Promise<Caller | undefined> {
  const text = BEARER.exec(authorization ?? '')?.[1]
  const key = text === undefined ? undefined : parseTokenText(text, MANAGEMENT_KEY_PREFIX)
  if (key === undefined) return undefined
  const hash = hashToken(key)
  if (environmentKeyHash !== undefined && isSameHash(hash, environmentKeyHash)) {
    return { kind: 'environment' }
  }
  const known = await keys.findByHash(hash)
  if (known === undefined || known.revokedAt !== undefined) return undefined
  return { kind: 'key', id: known.id, scopes: known.scopes, owner: known.owner }
}

const BEARER = /^bearer +([^ ]+)$/i

function isSameHash(one: TokenHash, other: TokenHash): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))
}
