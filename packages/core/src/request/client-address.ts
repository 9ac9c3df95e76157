import { type IpAddress, parseIpAddress } from '../address/ip-address.ts'
import { type IpRange, rangeContains } from '../address/ip-range.ts'
import { isPort } from './authority.ts'
import { isUnreadable, trimBlanks } from './header-fields.ts'

/** Peers whose `X-Forwarded-For` is believed. */
export type TrustedProxies = readonly IpRange[]

/** What a request without any `X-Forwarded-For` comes from: the peer, or nobody knows (a check endpoint). */
export type BarePeer = 'is_client' | 'is_nobody'

const ELEMENTS_MAX = 32

/**
 * Client address of a server request: the peer, unless it is a trusted proxy; then the right-most
 * `X-Forwarded-For` hop that is not one, and the left-most if all are.
 * @param peer the socket's remote address as text; `undefined` or unparsable matches nothing.
 * @param forwardedFor the values of all `X-Forwarded-For` lines, in order, trimmed.
 * @returns `undefined` when there is no believable address; callers treat that as "not listed".
 * @see RFC 7239 §5.2, and spec §4 for why the left-most hop proves nothing
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: readonly string[],
  options: { readonly trustedProxies: TrustedProxies; readonly barePeer: BarePeer },
): IpAddress | undefined {
  const address = peer === undefined ? undefined : parseIpAddress(peer)
  if (address === undefined) return undefined
  const { trustedProxies, barePeer } = options
  if (forwardedFor.length === 0) return barePeer === 'is_client' ? address : undefined
  if (!isTrusted(trustedProxies, address)) return address
  return walk(forwardedFor, trustedProxies)
}

function walk(forwardedFor: readonly string[], trusted: TrustedProxies): IpAddress | undefined {
  if (forwardedFor.some(isUnreadable)) return undefined
  const elements = forwardedFor.join(',').split(',')
  if (elements.length > ELEMENTS_MAX) return undefined
  let client: IpAddress | undefined
  for (const element of elements.reverse()) {
    const hop = trimBlanks(element)
    if (hop === '') continue
    client = parseHop(hop)
    if (client === undefined || !isTrusted(trusted, client)) return client
  }
  return client
}

/** An IPv4 address with an optional port, an IPv6 address, or `[IPv6]` with an optional port. */
function parseHop(hop: string): IpAddress | undefined {
  if (hop.startsWith('[')) {
    const bracket = hop.indexOf(']')
    const inside = hop.slice(1, Math.max(bracket, 1))
    const after = hop.slice(bracket + 1)
    if (!inside.includes(':')) return undefined
    return after === '' || isPortSuffix(after) ? parseIpAddress(inside) : undefined
  }
  const dotted = hop.indexOf(':')
  if (dotted !== -1 && dotted === hop.lastIndexOf(':')) {
    return isPortSuffix(hop.slice(dotted)) ? parseIpAddress(hop.slice(0, dotted)) : undefined
  }
  return parseIpAddress(hop)
}

function isPortSuffix(text: string): boolean {
  return text.startsWith(':') && isPort(text.slice(1))
}

function isTrusted(trusted: TrustedProxies, address: IpAddress): boolean {
  return trusted.some((range) => rangeContains(range, address))
}
