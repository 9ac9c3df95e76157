import type { ExplainLine } from '../case.ts'
import { fieldValues, trimBlanks } from './header-fields.ts'
import { isPort } from './host.ts'
import { addressText, readAddress, readIpv4, readIpv6, type Address } from './ip-address.ts'
import { blockContains, readBlock } from './ip-block.ts'

/** The address of a server request as the proxy path and the guard find it (spec §4), or null. */
export function clientAddress(line: ExplainLine): Address | null {
  // "An unparsable or missing peer matches nothing and is never trusted."
  const peer = readAddress(line.request.peer ?? '')
  const proxies = line.trustedProxies ?? []
  if (peer === null || !isListed(peer, proxies)) return peer
  const values = fieldValues(line.request.headers, 'X-Forwarded-For')
  // "No such field at all: the peer itself on the proxy path and in the guard"
  if (values.length === 0) return peer
  // "any other control character, or one above U+007E, makes [it] unreadable"
  if (values.some((value) => /[^\t -~]/.test(value))) return null
  return walkHops(values.join(',').split(','), proxies)
}

/** Whether an entry equals the address or is a block that it lies in. */
export function isListed(address: Address, entries: readonly string[]): boolean {
  return entries.some((entry) => {
    const listed = readAddress(entry)
    if (listed !== null) return addressText(listed) === addressText(address)
    const block = readBlock(entry)
    return typeof block !== 'string' && blockContains(block, address)
  })
}

/** "walked from the right over trusted hops; the first untrusted hop is the client" */
function walkHops(elements: readonly string[], proxies: readonly string[]): Address | null {
  // "More than 32 comma-separated elements, or none but blanks: no address."
  if (elements.length > 32) return null
  // "blank hops are skipped"
  const hops = elements.map(trimBlanks).filter((hop) => hop !== '')
  let leftMost: Address | null = null
  for (const hop of hops.toReversed()) {
    const address = readHop(hop)
    if (address === null || !isListed(address, proxies)) return address
    leftMost = address
  }
  // "if all are trusted, the left-most"
  return leftMost
}

/** "an IPv4 address with an optional port, an IPv6 address, or `[IPv6]` with an optional port" */
function readHop(hop: string): Address | null {
  const [, v4, v6, port] = /^(?:(\d+[.][\d.]*)|\[([^\]]*)\])(?::(.*))?$/.exec(hop) ?? []
  if (port !== undefined && !isPort(port)) return null
  if (v4 !== undefined) return readIpv4(v4)
  return readIpv6(v6 ?? hop)
}
