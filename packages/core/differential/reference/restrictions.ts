import type { EntryAnswer, ExplainConfiguration, Json, Problem } from '../case.ts'
import { checkDomainEntry } from './domain-entry.ts'
import { readAddress } from './ip-address.ts'
import { readBlock } from './ip-block.ts'
import { checkIpEntry } from './ip-entry.ts'

/** One accepted entry: its normalised value, and whether it covers what is below it as well. */
export interface Entry {
  readonly value: string
  readonly subdomains: boolean
}

/** Both lists of a line with what may be said against any of their entries. */
export interface Restrictions {
  readonly domains: readonly Entry[]
  readonly ips: readonly Entry[]
  readonly problems: readonly Problem[]
}

/** Checks both lists, switched on or off, and the trusted proxies, in that order (spec §5, §10). */
export function readRestrictions(line: ExplainConfiguration): Restrictions {
  const domains = readList({
    path: '/domains/entries',
    entries: line.restrictions.domains?.entries ?? [],
    // "domains (at most 5 entries) and ips (at most 5; both limits are settings)"
    limit: line.settings?.maxDomains ?? 5,
    check: checkDomainEntry,
  })
  const rangeSettings = {
    allowIpRanges: line.allowIpRanges ?? false,
    allowPrivateAddresses: line.allowPrivateAddresses ?? false,
  }
  const ips = readList({
    path: '/ips/entries',
    entries: line.restrictions.ips?.entries ?? [],
    limit: line.settings?.maxIps ?? 5,
    check: (value) => checkIpEntry(value, rangeSettings),
  })
  const proxies = trustedProxyProblems(line.trustedProxies ?? [])
  return {
    domains: domains.accepted,
    ips: ips.accepted,
    problems: [...domains.problems, ...ips.problems, ...proxies],
  }
}

interface List {
  readonly path: string
  readonly entries: readonly Json[]
  readonly limit: number
  readonly check: (value: Json, subdomains: boolean) => EntryAnswer
}

function readList(list: List): { accepted: readonly Entry[]; problems: readonly Problem[] } {
  const accepted: Entry[] = []
  const problems: Problem[] = []
  list.entries.forEach((entry, index) => {
    const { value, subdomains } = partsOf(entry)
    const answer = list.check(value, subdomains)
    const path = `${list.path}/${index}`
    // "Duplicates after normalisation are refused, as is an entry beyond the limit."
    if (index >= list.limit) problems.push({ path, code: 'entries_too_many' })
    else if (!answer.ok) problems.push({ path, code: answer.code })
    else if (accepted.some((earlier) => earlier.value === answer.value)) {
      problems.push({ path, code: 'entry_duplicate' })
    } else accepted.push({ value: answer.value, subdomains })
  })
  return { accepted, problems }
}

/** "an entry may be a plain string" instead of `{"value","label"?,"subdomains"?}` */
function partsOf(entry: Json): { value: Json; subdomains: boolean } {
  if (typeof entry !== 'object' || entry === null || !('value' in entry)) {
    return { value: entry, subdomains: false }
  }
  return { value: entry['value'] ?? null, subdomains: entry['subdomains'] === true }
}

/** "addresses or CIDR blocks […]; default none; `/0` is refused at start" */
function trustedProxyProblems(proxies: readonly string[]): readonly Problem[] {
  return proxies.flatMap((proxy, index) => {
    const block = readBlock(proxy)
    if (readAddress(proxy) !== null || typeof block !== 'string') return []
    const code = block === 'too_wide' ? 'ip_range_too_wide' : 'ip_syntax'
    return [{ path: `/trustedProxies/${index}`, code }]
  })
}
