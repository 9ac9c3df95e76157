import type { components } from './schema.d.ts'

type Schemas = components['schemas']

/** A session that is under way; `csrfToken` goes with each request that writes. */
export type SignedIn = Schemas['SignedIn']

/** Whether somebody is signed in; `needsSetUp`: there is no administrator yet. */
export type Session = SignedIn | Schemas['SignedOut']

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
