/** A domain entry as it is stored: checked and normalised when it was saved. */
export interface DomainEntry {
  /** `example.com`, or `*.example.com` for everything below it. */
  readonly value: string
  /** The domain itself or anything below it: one entry for "my site and www". */
  readonly subdomains: boolean
  readonly label: string
}

/** An address entry as it is stored: an address in canonical form, or a block where allowed. */
export interface IpEntry {
  readonly value: string
  readonly label: string
}

/** A list with its switch. A list that is off keeps its entries; one that is on and empty matches nobody. */
export interface RestrictionList<Entry> {
  readonly enabled: boolean
  readonly entries: readonly Entry[]
}

/** Where a token may be used. */
export interface Restrictions {
  readonly domains: RestrictionList<DomainEntry>
  readonly ips: RestrictionList<IpEntry>
}

/** The restrictions of a token that nobody has restricted: both lists off and empty. */
export const UNRESTRICTED: Restrictions = {
  domains: { enabled: false, entries: [] },
  ips: { enabled: false, entries: [] },
}
