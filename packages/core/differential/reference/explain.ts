import type { ExplainAnswer, ExplainConfiguration, ExplainLine, ExplainRequest } from '../case.ts'
import { clientAddress, isListed } from './client-address.ts'
import { addressText, type Address } from './ip-address.ts'
import { readRequestSource, type Page } from './request-source.ts'
import { readRestrictions, type Entry, type Restrictions } from './restrictions.ts'

/** What `keyfence explain --jsonl` answers to a well-formed line (spec §1–§5, §10, §11). */
export function referenceExplain(line: ExplainLine): ExplainAnswer {
  return referenceExplainer(line)(line.request)
}

/** The same for any request, once the lists have been read. */
export function referenceExplainer(
  configuration: ExplainConfiguration,
): (request: ExplainRequest) => ExplainAnswer {
  const restrictions = readRestrictions(configuration)
  const { problems } = restrictions
  // "Bad entries give `{"id":…,"problems":[…]}` and no effect"
  if (problems.length > 0) return () => ({ problems })
  return (request) => explained({ ...configuration, request }, restrictions)
}

function explained(line: ExplainLine, restrictions: Restrictions): ExplainAnswer {
  const source = readRequestSource(line.request.headers)
  // "`domain` as parsed for a browser request, else null; `address` as found for a server request"
  const page = source.kind === 'browser' ? source.page : null
  const address = source.kind === 'server' ? clientAddress(line) : null
  const reason = reasonFor({ line, restrictions, page, address })
  return {
    effect: ALLOW_REASONS.has(reason) ? 'allow' : 'deny',
    source: source.kind,
    reason,
    domain: page?.kind === 'named' ? page.domain : null,
    address: address === null ? null : addressText(address),
  }
}

const ALLOW_REASONS: ReadonlySet<string> = new Set(['unrestricted', 'domain_listed', 'ip_listed'])

interface Question {
  readonly line: ExplainLine
  readonly restrictions: Restrictions
  /** The page of a browser request, null for a server's. */
  readonly page: Page | null
  readonly address: Address | null
}

/** The table of §1, the denials in the order of §11. */
function reasonFor({ line, restrictions, page, address }: Question): string {
  const domainsOn = line.restrictions.domains?.enabled ?? false
  const ipsOn = line.restrictions.ips?.enabled ?? false
  if (!domainsOn && !ipsOn) return 'unrestricted'
  if (page === null) {
    if (!ipsOn) return 'server_not_allowed'
    return ipReason(restrictions.ips, address)
  }
  if (!domainsOn) return 'browser_not_allowed'
  // "Scheme and port do not matter (the setting `httpsOriginsOnly` admits https alone)."
  return domainReason(restrictions.domains, page, line.settings?.httpsOriginsOnly ?? false)
}

function ipReason(entries: readonly Entry[], address: Address | null): string {
  // "A list that is on and empty matches nobody."
  if (entries.length === 0) return 'ip_list_empty'
  if (address === null) return 'ip_unreadable'
  const values = entries.map((entry) => entry.value)
  return isListed(address, values) ? 'ip_listed' : 'ip_not_listed'
}

function domainReason(entries: readonly Entry[], page: Page, httpsOnly: boolean): string {
  if (entries.length === 0) return 'domain_list_empty'
  if (page.kind === 'missing') return 'domain_missing'
  if (page.kind === 'unreadable') return 'domain_unreadable'
  const isAdmitted = page.isHttps || !httpsOnly
  return isAdmitted && entries.some((entry) => entryCovers(entry, page.domain))
    ? 'domain_listed'
    : 'domain_not_listed'
}

function entryCovers({ value, subdomains }: Entry, domain: string): boolean {
  // "`*.example.com` if it ends in `.example.com` with at least one label before it"
  if (value.startsWith('*.')) return domain.endsWith(value.slice(1))
  // "an entry with `subdomains: true` if it is the domain or below it"
  return domain === value || (subdomains && domain.endsWith(`.${value}`))
}
