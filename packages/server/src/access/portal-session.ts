import type { EpochMs } from '@keyfence/core'
import type { PortalGrantId } from '../identifier/identifier.ts'
import type { SecretHash } from './session.ts'

/**
 * What an owner may do in the portal beyond looking at their tokens: change the lists and the mode,
 * see the activity, create, rotate, rename and set the expiry, disable and enable, revoke, delete.
 */
export const CAPABILITIES = [
  'restrict',
  'activity',
  'create',
  'rotate',
  'settings',
  'disable',
  'revoke',
  'delete',
] as const

export type Capability = (typeof CAPABILITIES)[number]

/** What one link to the portal grants. */
export interface PortalGrant {
  readonly id: PortalGrantId
  /** The one owner whose tokens it shows. */
  readonly owner: string
  readonly capabilities: readonly Capability[]
  /** Where the owner came from, for a link back; `undefined`: nowhere. */
  readonly returnUrl: string | undefined
  /** Who made the link, as the audit log names them: where they are shut out, so is it. */
  readonly grantedBy: string
}

/** A link that was not used yet, known by the hash of its secret alone. */
export interface PortalLink extends PortalGrant {
  readonly hash: SecretHash
  readonly createdAt: EpochMs
}

/** An owner's browser in the portal. */
export interface PortalSession extends PortalGrant {
  readonly hash: SecretHash
  readonly createdAt: EpochMs
  /** When it last asked for something, to the minute. */
  readonly seenAt: EpochMs
}

export interface PortalReader {
  findLink(hash: SecretHash): Promise<PortalLink | undefined>
  findSession(hash: SecretHash): Promise<PortalSession | undefined>
}

export interface PortalWriter extends PortalReader {
  insertLink(link: PortalLink): Promise<void>
  /** Takes a link away. @returns false if it was not there: somebody was faster */
  takeLink(hash: SecretHash): Promise<boolean>
  insertSession(session: PortalSession): Promise<void>
  seen(hash: SecretHash, now: EpochMs): Promise<void>
  removeSession(hash: SecretHash): Promise<void>
  /** Ends all links and sessions that somebody granted. */
  removeAllBy(grantedBy: string): Promise<void>
  /** Forgets links that were made, and sessions that began or were last seen, too long ago. */
  forget(before: {
    readonly linkCreatedAt: EpochMs
    readonly createdAt: EpochMs
    readonly seenAt: EpochMs
  }): Promise<void>
}

/** How long a link works. */
export const PORTAL_LINK_MS = 5 * 60_000
