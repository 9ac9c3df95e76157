import type { AuditId, KeyId, TokenId } from '../identifier/identifier.ts'

/** Reads a token's id; `undefined` for what cannot be one. */
export function parseTokenId(text: string): TokenId | undefined {
  return isIdentifier(text, 'tok_') ? (text as TokenId) : undefined
}

/** Reads a management key's id; `undefined` for what cannot be one. */
export function parseKeyId(text: string): KeyId | undefined {
  return isIdentifier(text, 'key_') ? (text as KeyId) : undefined
}

/** Reads an audit entry's id; `undefined` for what cannot be one. */
export function parseAuditId(text: string): AuditId | undefined {
  return isIdentifier(text, 'aud_') ? (text as AuditId) : undefined
}

function isIdentifier(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && UUID_V7.test(text.slice(prefix.length))
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
