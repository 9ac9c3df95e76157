import type { RefusalPosition } from '../activity/refusal.ts'
import type {
  AdministratorId,
  AuditId,
  KeyId,
  PortalGrantId,
  TokenId,
} from '../identifier/identifier.ts'

/** Reads a token's id; `undefined` for what cannot be one. */
export function parseTokenId(text: string): TokenId | undefined {
  return isIdentifier(text, 'tok_') ? (text as TokenId) : undefined
}

/** Reads a management key's id; `undefined` for what cannot be one. */
export function parseKeyId(text: string): KeyId | undefined {
  return isIdentifier(text, 'key_') ? (text as KeyId) : undefined
}

/** Reads an administrator's id; `undefined` for what cannot be one. */
export function parseAdministratorId(text: string): AdministratorId | undefined {
  return isIdentifier(text, 'adm_') ? (text as AdministratorId) : undefined
}

/** Reads a portal grant's id; `undefined` for what cannot be one. */
export function parsePortalGrantId(text: string): PortalGrantId | undefined {
  return isIdentifier(text, 'por_') ? (text as PortalGrantId) : undefined
}

/** Reads an audit entry's id; `undefined` for what cannot be one. */
export function parseAuditId(text: string): AuditId | undefined {
  return isIdentifier(text, 'aud_') ? (text as AuditId) : undefined
}

/** Reads where a refusal stands; `undefined` for what cannot be a position. */
export function parseRefusalPosition(text: string): RefusalPosition | undefined {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? (text as RefusalPosition) : undefined
}

/** Reads a request id; `undefined` for what cannot be one. */
export function parseRequestId(text: string): string | undefined {
  return /^req_[A-Za-z0-9_-]{22}$/.test(text) ? text : undefined
}

function isIdentifier(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && UUID_V7.test(text.slice(prefix.length))
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
