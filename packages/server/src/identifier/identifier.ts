import type { Brand, EpochMs } from '@keyfence/core'

/** Where random octets come from; passed in, so that a test can say which. */
export type RandomBytes = (size: number) => Uint8Array

export type TokenId = Brand<string, 'TokenId'>
export type KeyId = Brand<string, 'KeyId'>
export type AuditId = Brand<string, 'AuditId'>
export type AdministratorId = Brand<string, 'AdministratorId'>
export type PortalGrantId = Brand<string, 'PortalGrantId'>

/** A new token's id: `tok_` and a UUIDv7, so that ids sort by creation (RFC 9562 §5.7). */
export function newTokenId(now: EpochMs, random: RandomBytes): TokenId {
  return `tok_${uuidV7(now, random)}` as TokenId
}

/** A new management key's id: `key_` and a UUIDv7. */
export function newKeyId(now: EpochMs, random: RandomBytes): KeyId {
  return `key_${uuidV7(now, random)}` as KeyId
}

/** A new audit entry's id: `aud_` and a UUIDv7. */
export function newAuditId(now: EpochMs, random: RandomBytes): AuditId {
  return `aud_${uuidV7(now, random)}` as AuditId
}

/** A new administrator's id: `adm_` and a UUIDv7. */
export function newAdministratorId(now: EpochMs, random: RandomBytes): AdministratorId {
  return `adm_${uuidV7(now, random)}` as AdministratorId
}

/** A new portal grant's id: `por_` and a UUIDv7. */
export function newPortalGrantId(now: EpochMs, random: RandomBytes): PortalGrantId {
  return `por_${uuidV7(now, random)}` as PortalGrantId
}

/** The id of a node's run: `node_` and a UUIDv7. */
export function newNodeId(now: EpochMs, random: RandomBytes): string {
  return `node_${uuidV7(now, random)}`
}

/** An opaque, unguessable request id: `req_` and 128 random bits in base64url. */
export function newRequestId(random: RandomBytes): string {
  return `req_${Buffer.from(random(16)).toString('base64url')}`
}

function uuidV7(now: EpochMs, random: RandomBytes): string {
  const octets = Buffer.from(random(16))
  octets.writeUIntBE(now, 0, 6)
  octets[6] = 0x70 | ((octets[6] ?? 0) & 0x0f)
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f)
  const hex = octets.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
