import type { components } from './schema.d.ts'

type Schemas = components['schemas']

/** A session that is under way; `csrfToken` goes with each request that writes. */
export type SignedIn = Schemas['SignedIn']

/** An owner's session in the portal. */
export type PortalSignedIn = Schemas['PortalSignedIn']

/** Whose portal it is, what they may do, and where they came from. */
export type Portal = PortalSignedIn['portal']

/** What an owner may do beyond looking at their tokens. */
export type Capability = Portal['capabilities'][number]

/**
 * Whether somebody is signed in; `needsSetUp`: there is no administrator yet. With `portal`, the pages
 * are those of the owner portal.
 */
export type Session = SignedIn | Schemas['SignedOut'] | PortalSignedIn | Schemas['PortalSignedOut']

/** Who is signed in. */
export type Administrator = SignedIn['administrator']

/** What a one-time link is for; `name`: whose it is, if that is settled. */
export type LinkPurpose = Schemas['CheckedLink']

/** Name and password. */
export interface SignIn {
  readonly name: string
  readonly password: string
}

/** A one-time link, and what is chosen by it. */
export interface LinkUse {
  readonly link: string
  readonly name?: string
  /** Not for a link that signs in as one is. */
  readonly password?: string
}
