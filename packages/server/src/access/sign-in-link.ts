import type { EpochMs } from '@keyfence/core'
import type { AdministratorId } from '../identifier/identifier.ts'
import type { SecretHash } from './session.ts'

/** What a link does: lets its holder choose a password, or signs them in as they are. */
export const LINK_KINDS = ['choose_password', 'sign_in'] as const

export type LinkKind = (typeof LINK_KINDS)[number]

/** A link that signs in once. */
export interface SignInLink {
  readonly hash: SecretHash
  readonly kind: LinkKind
  /** Whose it is; `undefined`: the first administrator's, who has no name yet. */
  readonly administratorId: AdministratorId | undefined
  readonly expiresAt: EpochMs
}

export interface SignInLinkReader {
  find(hash: SecretHash): Promise<SignInLink | undefined>
}

export interface SignInLinkWriter extends SignInLinkReader {
  insert(link: SignInLink): Promise<void>
  /** Takes it away. @returns false if it was not there: somebody was faster */
  take(hash: SecretHash): Promise<boolean>
  /** Takes away all of one administrator; `undefined`: those of the first. */
  removeAllOf(id: AdministratorId | undefined): Promise<void>
  /** Forgets those that have expired. */
  forget(now: EpochMs): Promise<void>
}

/** How long a link works. */
export const LINK_MS = 30 * 60_000
