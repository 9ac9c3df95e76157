import type { IpAddress } from './ip-address.ts'
import { ipRange, type IpRange, rangesOverlap, singleAddressRange } from './ip-range.ts'

/**
 * What kind of special address this is, in words for its owner, or `undefined` for an ordinary
 * public unicast address. The most specific row names the kind.
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), globally reachable rows
 *   included: none of them is somebody's own server. Multicast: RFC 5771, RFC 4291 §2.7.
 */
export function specialPurposeKind(address: IpAddress): string | undefined {
  return specialPurposeKindIn(singleAddressRange(address))
}

/** As {@link specialPurposeKind}, for a block that contains or lies in a special one. */
export function specialPurposeKindIn(range: IpRange): string | undefined {
  const row = ROWS.find((candidate) => rangesOverlap(candidate.range, range))
  if (row !== undefined) return row.kind
  // A block wider than the global unicast space holds rows of the table.
  return range.first.version === 6 && !rangesOverlap(GLOBAL_UNICAST, range) ? NOT_GLOBAL : undefined
}

const NOT_GLOBAL = 'outside the global unicast space 2000::/3'

const TABLE: readonly (readonly [block: string, kind: string])[] = [
  ['0.0.0.0/8', 'this network'],
  ['0.0.0.0/32', 'the unspecified address'],
  ['10.0.0.0/8', 'private use'],
  ['100.64.0.0/10', 'shared by a carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private use'],
  ['192.0.0.0/24', 'IETF protocol assignments'],
  ['192.0.0.0/29', 'IPv4 service continuity'],
  ['192.0.0.8/32', 'the IPv4 dummy address'],
  ['192.0.0.9/32', 'port control protocol anycast'],
  ['192.0.0.10/32', 'TURN anycast'],
  ['192.0.0.170/32', 'NAT64/DNS64 discovery'],
  ['192.0.0.171/32', 'NAT64/DNS64 discovery'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112 anycast'],
  ['192.52.193.0/24', 'automatic multicast tunneling'],
  ['192.88.99.0/24', 'deprecated 6to4 relay anycast'],
  ['192.88.99.2/32', '6a44 relay anycast'],
  ['192.168.0.0/16', 'private use'],
  ['192.175.48.0/24', 'AS112 anycast'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['255.255.255.255/32', 'limited broadcast'],
  ['::/128', 'the unspecified address'],
  ['::1/128', 'loopback'],
  ['64:ff9b::/96', 'IPv4-IPv6 translation'],
  ['64:ff9b:1::/48', 'IPv4-IPv6 translation'],
  ['100::/64', 'discard-only'],
  ['100:0:0:1::/64', 'a dummy prefix'],
  ['2001::/23', 'IETF protocol assignments'],
  ['2001::/32', 'Teredo'],
  ['2001:1::1/128', 'port control protocol anycast'],
  ['2001:1::2/128', 'TURN anycast'],
  ['2001:1::3/128', 'DNS-SD service registration anycast'],
  ['2001:2::/48', 'benchmarking'],
  ['2001:3::/32', 'automatic multicast tunneling'],
  ['2001:4:112::/48', 'AS112 anycast'],
  ['2001:10::/28', 'deprecated ORCHID'],
  ['2001:20::/28', 'ORCHIDv2'],
  ['2001:30::/28', 'drone remote identification'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112 anycast'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private use (unique local)'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
]

const GLOBAL_UNICAST = ipRange('2000::/3')

/** Most specific first, so that the first hit names the kind. */
const ROWS = TABLE.map(([text, kind]) => ({ range: ipRange(text), kind })).sort(
  (one, other) => other.range.prefixLength - one.range.prefixLength,
)
