import { fieldValues, type HeaderFields, parseIpAddress, rangeContains } from '@keyfence/core'
import { hash, timingSafeEqual } from 'node:crypto'
import type { CheckCallers } from './check-context.ts'

/**
 * Whether who sent these fields from that peer may ask: by address, and where a secret is set by
 * one `Keyfence-Check-Secret` line too. Doubt is a no.
 */
export function mayAsk(
  fields: HeaderFields,
  peer: string | undefined,
  { addresses, secretHash }: CheckCallers,
): boolean {
  const address = peer === undefined ? undefined : parseIpAddress(peer)
  if (address === undefined) return false
  if (!addresses.some((range) => rangeContains(range, address))) return false
  return secretHash === undefined || hasSecret(fields, secretHash)
}

/** Hashes are compared: they are equally long, and how far they agree tells nothing of the secret. */
function hasSecret(fields: HeaderFields, secretHash: Buffer): boolean {
  const [secret, ...others] = fieldValues(fields, 'keyfence-check-secret')
  if (secret === undefined || others.length > 0) return false
  return timingSafeEqual(checkSecretHash(secret), secretHash)
}

/** What is compared of the setting `checkSecret`: its SHA-256. */
export function checkSecretHash(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
