import {
  formatIpAddress,
  parseIpAddress,
  type Parsed,
  parseIpAddressOrRange,
  rangeContains,
} from '@keyfence/core'

/** Where a listener binds. */
export interface ListenAddress {
  /** An IP address in canonical form, or `localhost`. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

/**
 * Reads `HOST:PORT`: an IPv4 address, an IPv6 address in brackets, or `localhost`, and a port 0–65535.
 * Other names are refused: what they resolve to could change what is exposed.
 */
export function parseListenAddress(text: string): Parsed<ListenAddress, string> {
  const match = LISTEN_ADDRESS.exec(text)
  const port = Number(match?.[3])
  const host = hostOf(match?.[1], match?.[2])
  if (host === undefined || !(port <= 65_535)) return { ok: false, problem: HOW_TO_WRITE }
  return { ok: true, value: { host, port } }
}

/** `HOST:PORT`, an IPv6 address in brackets. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether a host (a name, or an IP address without brackets) is this machine's own loopback. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const address = parseIpAddress(host)
  return address !== undefined && LOOPBACK.some((range) => rangeContains(range, address))
}

/** Whether who connects to `host` and `port` on this machine may reach the listener. */
export function isReachedBy(listener: ListenAddress, host: string, port: number): boolean {
  if (listener.port !== port || port === 0) return false
  if (listener.host === host) return true
  if (EVERY_ADDRESS.has(host)) return true
  if (EVERY_ADDRESS.has(listener.host)) return isLoopbackHost(host)
  const isByName = listener.host === 'localhost' || host === 'localhost'
  return isByName && isLoopbackHost(listener.host) && isLoopbackHost(host)
}

const HOW_TO_WRITE =
  'write HOST:PORT with an IP address or localhost, like 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080.'

const LISTEN_ADDRESS = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/i

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const LOOPBACK = ['127.0.0.0/8', '::1'].flatMap((text) => {
  const range = parseIpAddressOrRange(text)
  return range.ok ? [range.value] : []
})

function hostOf(ipv6: string | undefined, other: string | undefined): string | undefined {
  if (other?.toLowerCase() === 'localhost') return 'localhost'
  const address = parseIpAddress(ipv6 ?? other ?? '')
  return address === undefined ? undefined : formatIpAddress(address)
}
