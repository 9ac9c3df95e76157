import {
  clientAddress,
  formatIpAddress,
  type IpAddress,
  type IpRange,
  parseIpAddress,
  parseIpAddressOrRange,
  rangeContains,
  traceClientAddress,
} from '@keyfence/core'
import { mustHold, pureTarget, words } from '../target.ts'

const TRUSTED = ['10.0.0.0/8', '2001:db8:aaaa::/48', '192.0.2.1'].map(range)
const OPTIONS = { trustedProxies: TRUSTED, barePeer: 'is_client' } as const

/** The address of a server request: the peer on the first line, then `X-Forwarded-For` (spec §4). */
export const forwarded = pureTarget({
  name: 'forwarded',
  shape: 'text',
  seeds: [
    '10.0.0.1\n203.0.113.7, 10.1.1.1',
    '192.0.2.1\n[2001:db8::1]:443\n10.0.0.2',
    '203.0.113.9\n10.0.0.1',
    '10.0.0.1',
  ],
  pieces: [
    ...words('10.0.0.1 203.0.113.7 192.0.2.1 2001:db8:aaaa::1 [2001:db8::1] ::ffff: ::10.0.0.1'),
    ...words(
      '::ffff:10.0.0.1 ::ffff:a00:1 %eth0 :443 : :65536 010.0.0.1 0x7f.1 127.1 unknown for=',
    ),
    ', ',
    ' , ,',
    '\t',
    '\n',
    '10.0.0.1,'.repeat(31),
  ],
  lengthMax: 1200,
  run: (text) => {
    const [peer = '', ...fields] = text.split('\n')
    const client = clientAddress(peer, fields, OPTIONS)
    const trace = traceClientAddress(peer, fields, OPTIONS)
    mustHold(sameAddress(trace.address, client), 'the trace ends where the decision does')
    mustHold(clientAddress(undefined, fields, OPTIONS) === undefined, 'no peer, no address')
    if (client === undefined) return
    const written = formatIpAddress(client)
    mustHold(sameAddress(parseIpAddress(written), client), 'an address parses to itself')
    const parsedPeer = parseIpAddress(peer)
    mustHold(parsedPeer !== undefined, 'an unreadable peer has no address')
    if (!isTrusted(parsedPeer)) {
      mustHold(sameAddress(client, parsedPeer), 'what a stranger sends is not believed')
    } else if (fields.length > 0) walkedByTheRule(fields, client)
  },
})

function walkedByTheRule(fields: readonly string[], client: IpAddress): void {
  const elements = fields
    .join(',')
    .split(',')
    .map((element) => element.replaceAll(/^[\t ]+|[\t ]+$/g, ''))
  mustHold(elements.length <= 32, 'no more than 32 elements')
  const hops = elements.filter((element) => element !== '').map(addressIn)
  const at = hops.findLastIndex((hop) => hop === undefined || !isTrusted(hop))
  const expected = at === -1 ? hops[0] : hops[at]
  mustHold(sameAddress(client, expected), 'the right-most that is not trusted, else the left-most')
  if (isTrusted(client) || elements.length === 32) return
  const lies = clientAddress('10.0.0.1', ['8.8.8.8', ...fields], OPTIONS)
  mustHold(sameAddress(lies, client), 'what stands to the left of the client changes nothing')
}

/** A hop in its simplest reading: the port and brackets off. */
function addressIn(hop: string): IpAddress | undefined {
  const [, bracketed] = /^\[([^\]]*:[^\]]*)\](?::[0-9]{1,5})?$/.exec(hop) ?? []
  const [, dotted] = /^([^:]*)(?::[0-9]{1,5})?$/.exec(hop) ?? []
  return parseIpAddress(bracketed ?? dotted ?? hop)
}

function isTrusted(address: IpAddress): boolean {
  return TRUSTED.some((trusted) => rangeContains(trusted, address))
}

function sameAddress(one: IpAddress | undefined, other: IpAddress | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return formatIpAddress(one) === formatIpAddress(other)
}

function range(text: string): IpRange {
  const parsed = parseIpAddressOrRange(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
