/** The routes of a session, by hand until the document of the API names them. */

/** Who is signed in. */
export interface Administrator {
  readonly id: string
  readonly name: string
  readonly role: 'admin' | 'viewer'
}

/** Whether somebody is signed in; `needsSetUp`: there is no administrator yet. */
export type Session = { readonly signedIn: false; readonly needsSetUp: boolean } | SignedIn

/** A session that is under way; `csrfToken` goes with each request that writes. */
export interface SignedIn {
  readonly signedIn: true
  readonly administrator: Administrator
  readonly csrfToken: string
}

/** What a one-time link is for; `name`: whose it is, if that is settled. */
export interface LinkPurpose {
  readonly purpose: 'set_up' | 'invite' | 'reset' | 'sign_in'
  readonly name: string | null
}

export interface SignIn {
  readonly name: string
  readonly password: string
}

export interface LinkUse {
  readonly link: string
  readonly name?: string
  /** Not for a link that signs in as one is. */
  readonly password?: string
}
