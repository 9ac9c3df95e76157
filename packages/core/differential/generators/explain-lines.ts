import * as fc from 'fast-check'
import type {
  ExplainConfiguration,
  ExplainLine,
  ExplainRequest,
  HeaderField,
  Json,
  ListLine,
} from '../case.ts'
import type { RangeSettings } from '../reference/ip-entry.ts'
import { choose, mostly, oneOf } from './choice.ts'
import { anyDomain, tidyDomain, type PlannedDomain } from './domain-entries.ts'
import { forwardedFields, knownAddress, peer, type Neighbourhood } from './forwarded-fields.ts'
import { anyIp, tidyIp, type PlannedIp } from './ip-entries.ts'
import {
  idleField,
  originField,
  refererField,
  siteField,
  type PlannedField,
} from './page-fields.ts'

/** Trusted proxies with an address inside. */
const GOOD_PROXIES: readonly (readonly [text: string, inside: string])[] = [
  ['10.0.0.0/8', '10.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1/128', '::1'],
  ['192.0.2.77/24', '192.0.2.1'],
  ['::ffff:198.51.100.9/120', '198.51.100.1'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['2001:DB8::1/32', '2001:db8:ffff::1'],
  ['fe80::/10', 'febf::1'],
  ['8.0.0.0/7', '9.9.9.9'],
  ['0.0.0.0/1', '8.8.8.8'],
]

const BAD_PROXIES: readonly string[] = [
  '0.0.0.0/0',
  '::/0',
  '::ffff:0:0/96',
  '::ffff:10.0.0.0/95',
  '::ffff:10.0.0.0/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/',
  '10.0.0/8',
  '010.0.0.1',
  '10.0.0.1:80',
  '[::1]',
  'fe80::1%eth0',
  '::1/129',
  '',
  'localhost',
  '*',
  'loopback',
]

const proxies: fc.Arbitrary<readonly (readonly [string, string])[]> = choose<
  readonly (readonly [string, string])[]
>(
  [24, fc.uniqueArray(oneOf(GOOD_PROXIES), { maxLength: 3 })],
  [1, fc.array(choose([3, oneOf(GOOD_PROXIES)], [1, badProxy()]), { minLength: 1, maxLength: 4 })],
)

const tidyDomains = fc.uniqueArray(tidyDomain, {
  selector: ({ host }) => host,
  minLength: 1,
  maxLength: 5,
})

const domains = listOf<PlannedDomain>(tidyDomains, anyDomain)
const ips = listOf<PlannedIp>(fc.array(tidyIp, { minLength: 1, maxLength: 2 }), anyIp)

const settings = fc.record(
  {
    httpsOriginsOnly: mostly(false),
    maxDomains: oneOf([5, 5, 5, 6, 12, 1, 0]),
    maxIps: oneOf([5, 5, 5, 6, 12, 1, 0]),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** Fields of a request as a page, a program or a liar would send them. */
const fields: fc.Arbitrary<readonly PlannedField[]> = choose<readonly PlannedField[]>(
  [14, fc.array(idleField, { maxLength: 2 })],
  [8, fc.tuple(originField)],
  [4, fc.tuple(refererField)],
  [1, fc.tuple(siteField)],
  [2, fc.tuple(siteField, originField)],
  [1, fc.tuple(originField, refererField)],
  [2, fc.array(choose([3, originField], [2, refererField], [2, siteField], [2, idleField]))],
)

/** So many requests are made for one configuration: to make that and to read it takes the longest. */
export const EXPLAINED_TOGETHER = 36

const requests: fc.Arbitrary<readonly PlannedRequest[]> = fc.array(
  fc.record({ fields, forwarded: forwardedFields, peer, pick: fc.nat(4) }),
  { minLength: EXPLAINED_TOGETHER, maxLength: EXPLAINED_TOGETHER },
)

/**
 * Lines of `keyfence explain --jsonl` that differ in their requests alone; about half of those are near
 * what the lists allow.
 */
export const explainLines: fc.Arbitrary<ExplainedTogether> = fc
  .record({
    domains,
    ips,
    proxies,
    requests,
    allowIpRanges: fc.boolean(),
    allowPrivateAddresses: mostly(false),
    settings: choose([3, fc.constant(null)], [1, settings]),
    isTerse: mostly(false),
  })
  .map(assemble)

interface ExplainedTogether {
  readonly configuration: ExplainConfiguration
  readonly requests: readonly ExplainRequest[]
}

interface PlannedRequest {
  readonly fields: readonly PlannedField[]
  readonly forwarded: readonly ((near: Neighbourhood) => HeaderField)[]
  readonly peer: (near: Neighbourhood) => string | null
  /** Which listed entry it is near. */
  readonly pick: number
}

interface Plan {
  readonly domains: PlannedList<PlannedDomain>
  readonly ips: PlannedList<PlannedIp>
  readonly proxies: readonly (readonly [text: string, inside: string])[]
  readonly requests: readonly PlannedRequest[]
  readonly allowIpRanges: boolean
  readonly allowPrivateAddresses: boolean
  readonly settings: NonNullable<ExplainLine['settings']> | null
  /** Members that equal their default are left out. */
  readonly isTerse: boolean
}

interface PlannedList<Planned> {
  readonly enabled: boolean
  readonly planned: readonly Planned[]
}

function assemble(plan: Plan): ExplainedTogether {
  const near = neighbourhoodOf(plan)
  const { planned } = plan.domains
  const requestOf = ({ fields: ofPage, forwarded, peer: from, pick }: PlannedRequest) => {
    const host = planned[pick % planned.length]?.host ?? 'example.com'
    const headers = [
      ...ofPage.map((write) => write(host)),
      ...forwarded.map((write) => write(near)),
    ]
    return { headers, peer: from(near) }
  }
  return { configuration: configurationOf(plan), requests: plan.requests.map(requestOf) }
}

function configurationOf(plan: Plan): ExplainConfiguration {
  const told = {
    restrictions: restrictionsOf(plan),
    ...(plan.settings === null ? {} : { settings: plan.settings }),
  }
  if (plan.isTerse && !plan.allowIpRanges && !plan.allowPrivateAddresses) return told
  const { allowIpRanges, allowPrivateAddresses } = plan
  const trustedProxies = plan.proxies.map(([text]) => text)
  return { ...told, trustedProxies, allowIpRanges, allowPrivateAddresses }
}

function restrictionsOf(plan: Plan): ExplainLine['restrictions'] {
  const domainEntries = plan.domains.planned.map(({ entry }) => entry)
  const ipEntries = plan.ips.planned.map(({ entry }) => entry(plan))
  const lists = {
    domains: { enabled: plan.domains.enabled, entries: domainEntries },
    ips: { enabled: plan.ips.enabled, entries: ipEntries },
  }
  if (!plan.isTerse) return lists
  return { ...terse('domains', lists.domains), ...terse('ips', lists.ips) }
}

function terse(
  name: 'domains' | 'ips',
  list: { readonly enabled: boolean; readonly entries: readonly Json[] },
): { readonly [name: string]: ListLine } {
  if (!list.enabled && list.entries.length === 0) return {}
  if (!list.enabled) return { [name]: { entries: list.entries } }
  return { [name]: list.entries.length === 0 ? { enabled: true } : list }
}

function neighbourhoodOf(plan: Plan & RangeSettings): Neighbourhood {
  const { planned } = plan.ips
  return {
    listed: (pick) =>
      planned[pick % planned.length]?.address(plan) ?? knownAddress('93.184.216.34'),
    trusted: (pick) => {
      const [, inside] = plan.proxies[pick % plan.proxies.length] ?? []
      return knownAddress(inside ?? '10.9.9.9')
    },
  }
}

function listOf<Planned>(
  tidy: fc.Arbitrary<readonly Planned[]>,
  any: fc.Arbitrary<Planned>,
): fc.Arbitrary<PlannedList<Planned>> {
  const planned = choose<readonly Planned[]>(
    [30, tidy],
    [1, fc.constant([])],
    [1, fc.array(any, { minLength: 1, maxLength: 2 })],
    [1, fc.tuple(tidy, fc.array(any, { maxLength: 8 })).map(([good, more]) => [...good, ...more])],
    [1, fc.tuple(tidy, tidy).map(([good, again]) => [...good, ...good, ...again])],
  )
  return fc.record({ enabled: mostly(true), planned })
}

function badProxy(): fc.Arbitrary<readonly [string, string]> {
  return oneOf(BAD_PROXIES).map((text) => [text, '10.0.0.1'])
}
