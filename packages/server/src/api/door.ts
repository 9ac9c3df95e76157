/** On which of the two listeners a request came. */
export type Door =
  /** Administrators, management keys and whoever may open the data folder. */
  | { readonly kind: 'management' }
  /** Owners alone (spec §9). */
  | { readonly kind: 'portal'; readonly portal: PortalSettings }

/** How browsers reach the owner portal. */
export interface PortalSettings {
  /** Its origin, `http://…` or `https://…`; read at each request. */
  readonly url: string
  /** Origins whose pages may frame it. */
  readonly frameHosts: readonly string[]
}
