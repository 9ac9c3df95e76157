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
  options: ClientAddressOptions,
): IpAddress | undefined {
  return found(peer, forwardedFor, options)
}

/** What a walk over trusted hops needs. */
export interface ClientAddressOptions {
  readonly trustedProxies: TrustedProxies
  readonly barePeer: BarePeer
}

/** The peer, or a hop of `X-Forwarded-For`, as it was read on the way to the client. */
export interface ClientHop {
  /** As it was received, blanks around it left off. */
  readonly text: string
  /** `undefined`: it is no address, and ends the walk. */
  readonly address: IpAddress | undefined
  readonly isTrusted: boolean
}

/** How {@link clientAddress} came to its answer. */
export interface ClientAddressTrace {
  /** `undefined`: there is no believable address. */
  readonly address: IpAddress | undefined
  /** What was looked at: the peer, then hops from the right, up to where the walk ended. */
  readonly hops: readonly ClientHop[]
}

/** The same walk as {@link clientAddress}, hop by hop, for people who wonder about its answer. */
export function traceClientAddress(
  peer: string | undefined,
  forwardedFor: readonly string[],
  options: ClientAddressOptions,
): ClientAddressTrace {
  const hops: ClientHop[] = []
  const look: Look = (text, address) => {
    const trusted = address !== undefined && isTrusted(options.trustedProxies, address)
    hops.push({ text, address, isTrusted: trusted })
  }
  return { address: found(peer, forwardedFor, { ...options, look }), hops }
}

/** Told of what is looked at; a decision tells nobody. */
type Look = (text: string, address: IpAddress | undefined) => void

function found(
  peer: string | undefined,
  forwardedFor: readonly string[],
  options: ClientAddressOptions & { readonly look?: Look },
): IpAddress | undefined {
  const { trustedProxies, barePeer, look } = options
  const address = peer === undefined ? undefined : parseIpAddress(peer)
  look?.(peer ?? '', address)
  if (address === undefined) return undefined
  if (forwardedFor.length === 0) return barePeer === 'is_client' ? address : undefined
  if (!isTrusted(trustedProxies, address)) return address
  return walk(forwardedFor, trustedProxies, look)
}

function walk(
  forwardedFor: readonly string[],
  trusted: TrustedProxies,
  look: Look | undefined,
): IpAddress | undefined {
  if (forwardedFor.some(isUnreadable)) return undefined
  const elements = forwardedFor.join(',').split(',')
  if (elements.length > ELEMENTS_MAX) return undefined
  let client: IpAddress | undefined
  for (const element of elements.reverse()) {
    const hop = trimBlanks(element)
    if (hop === '') continue
    client = parseHop(hop)
    look?.(hop, client)
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
