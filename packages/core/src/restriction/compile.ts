import type { IpAddress } from '../address/ip-address.ts'
import { type IpRange, parseIpAddressOrRange, rangeContains } from '../address/ip-range.ts'
import { type Domain, parseDomain } from '../domain/domain.ts'
import type { DomainEntry, IpEntry, Restrictions } from './restrictions.ts'

/** A list made ready for deciding. */
export type CompiledList<Value> =
  | { readonly mode: 'off' }
  | {
      readonly mode: 'on'
      readonly isEmpty: boolean
      readonly matches: (value: Value) => boolean
    }

/** Restrictions made ready for deciding: nothing is parsed while a request waits. */
export interface CompiledRestrictions {
  readonly domains: CompiledList<Domain>
  readonly ips: CompiledList<IpAddress>
}

/** What a domain entry matches. */
export interface DomainPattern {
  /** Matches the domain that equals this, if any. */
  readonly exact: string | undefined
  /** Matches domains that end in this (`.example.com`), if any. */
  readonly suffix: string | undefined
}

/** A list as what its entries match; one that is on and empty matches nobody. */
export type PatternList<Pattern> =
  | { readonly mode: 'off' }
  | { readonly mode: 'on'; readonly patterns: readonly Pattern[] }

/** Restrictions as what their entries match, for who keeps them in a form of its own. */
export interface RestrictionPatterns {
  readonly domains: PatternList<DomainPattern>
  readonly ips: PatternList<IpRange>
}

/**
 * Compiles stored restrictions.
 * @returns `undefined` if the record is damaged, as {@link restrictionPatterns} has it.
 */
export function compileRestrictions(restrictions: Restrictions): CompiledRestrictions | undefined {
  const patterns = restrictionPatterns(restrictions)
  if (patterns === undefined) return undefined
  return {
    domains: compileList(patterns.domains, matchesDomain),
    ips: compileList(patterns.ips, rangeContains),
  }
}

/**
 * Reads what the entries of stored restrictions match.
 * @returns `undefined` if an entry is not one that could have been saved, on a list that is off
 *   too: the record is damaged, and its token is refused rather than decided by what is left.
 */
export function restrictionPatterns(restrictions: Restrictions): RestrictionPatterns | undefined {
  const patterns = allOf(restrictions.domains.entries, domainPattern)
  const ranges = allOf(restrictions.ips.entries, ipRangeOf)
  if (patterns === undefined || ranges === undefined) return undefined
  return {
    domains: restrictions.domains.enabled ? { mode: 'on', patterns } : OFF,
    ips: restrictions.ips.enabled ? { mode: 'on', patterns: ranges } : OFF,
  }
}

const OFF = { mode: 'off' } as const

function compileList<Pattern, Value>(
  list: PatternList<Pattern>,
  matches: (pattern: Pattern, value: Value) => boolean,
): CompiledList<Value> {
  if (list.mode === 'off') return OFF
  const { patterns } = list
  return {
    mode: 'on',
    isEmpty: patterns.length === 0,
    matches: (value) => patterns.some((pattern) => matches(pattern, value)),
  }
}

function domainPattern(entry: DomainEntry): DomainPattern | undefined {
  const isWildcard = entry.value.startsWith('*.')
  const domain = isWildcard ? entry.value.slice(2) : entry.value
  if (parseDomain(domain) !== domain) return undefined
  return {
    exact: isWildcard ? undefined : domain,
    suffix: isWildcard || entry.subdomains ? `.${domain}` : undefined,
  }
}

function ipRangeOf({ value }: IpEntry): IpRange | undefined {
  const range = parseIpAddressOrRange(value)
  return range.ok ? range.value : undefined
}

/** A domain never begins with a dot, so one that ends in `.example.com` has a label before it. */
function matchesDomain({ exact, suffix }: DomainPattern, domain: Domain): boolean {
  return domain === exact || (suffix !== undefined && domain.endsWith(suffix))
}

/** What becomes of each; `undefined` if one becomes nothing. */
function allOf<From, To>(
  entries: readonly From[],
  of: (entry: From) => To | undefined,
): readonly To[] | undefined {
  const all: To[] = []
  for (const entry of entries) {
    const one = of(entry)
    if (one === undefined) return undefined
    all.push(one)
  }
  return all
}
