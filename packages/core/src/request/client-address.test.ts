import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIpAddress } from '../address/ip-address.ts'
import { ipRange, parseIpAddressOrRange } from '../address/ip-range.ts'
import {
  type BarePeer,
  clientAddress,
  traceClientAddress,
  type TrustedProxies,
} from './client-address.ts'

interface Case {
  peer?: string | undefined
  forwardedFor?: readonly string[]
  trusted?: readonly string[]
  barePeer?: BarePeer
}

function trustedProxies(texts: readonly string[]): TrustedProxies {
  return texts.map((text) => {
    const range = parseIpAddressOrRange(text)
    if (!range.ok) throw new Error(range.problem)
    return range.value
  })
}

const PROXY = '10.0.0.1'
const PROXIES = ['10.0.0.0/8', 'fd00::/8']

function client(given: Case): string | undefined {
  const peer = 'peer' in given ? given.peer : PROXY
  const address = clientAddress(peer, given.forwardedFor ?? [], {
    trustedProxies: trustedProxies(given.trusted ?? PROXIES),
    barePeer: given.barePeer ?? 'is_client',
  })
  return address && formatIpAddress(address)
}

describe('no address', () => {
  test.each<Case & { because: string }>([
    { peer: undefined, because: 'a peer that is unknown' },
    { peer: undefined, forwardedFor: ['8.8.8.8'], because: 'an unknown peer is never trusted' },
    { peer: '', because: 'an empty peer' },
    { peer: '/run/api.sock', because: 'a Unix socket' },
    { peer: 'fe80::1%eth0', because: 'a zone' },
    { peer: '8.8.8.8:80', because: 'a peer with a port' },
    { peer: '010.0.0.1', forwardedFor: ['8.8.8.8'], because: 'an octal peer is never trusted' },
    { barePeer: 'is_nobody', because: 'the peer of a check is the proxy' },
    { peer: '8.8.8.8', barePeer: 'is_nobody', because: 'whoever asks is the proxy' },
    { forwardedFor: [''], because: 'one empty field' },
    { forwardedFor: [' , ,\t'], because: 'blanks alone' },
    { forwardedFor: ['', ''], because: 'two empty fields' },
    { forwardedFor: ['unknown'], because: 'RFC 7239 word' },
    { forwardedFor: ['8.8.8.8, unknown'], because: 'the walk ends at what is no hop' },
    { forwardedFor: ['8.8.8.8, _hidden'], because: 'an obfuscated name' },
    { forwardedFor: ['"8.8.8.8"'], because: 'quotes' },
    { forwardedFor: ["'8.8.8.8'"], because: 'single quotes' },
    { forwardedFor: ['8.8.8.8"'], because: 'half a quote' },
    { forwardedFor: ['for=8.8.8.8'], because: 'the syntax of Forwarded' },
    { forwardedFor: ['client.example'], because: 'a name' },
    { forwardedFor: ['localhost'], because: 'a name' },
    { forwardedFor: ['2606::1%eth0'], because: 'a zone' },
    { forwardedFor: ['[2606::1%eth0]'], because: 'a zone in brackets' },
    { forwardedFor: ['[8.8.8.8]'], because: 'IPv4 in brackets' },
    { forwardedFor: ['[8.8.8.8]:80'], because: 'IPv4 in brackets with a port' },
    { forwardedFor: ['[2606::1'], because: 'half a bracket' },
    { forwardedFor: ['2606::1]'], because: 'the other half' },
    { forwardedFor: ['[]'], because: 'empty brackets' },
    { forwardedFor: ['[2606::1]80'], because: 'a port without a colon' },
    { forwardedFor: ['[2606::1]:'], because: 'an empty port' },
    { forwardedFor: ['[2606::1]:65536'], because: 'a port above 65535' },
    { forwardedFor: ['[2606::1]:80:80'], because: 'two ports' },
    { forwardedFor: ['[[2606::1]]'], because: 'brackets in brackets' },
    { forwardedFor: ['8.8.8.8:'], because: 'an empty port' },
    { forwardedFor: ['8.8.8.8:http'], because: 'a port by name' },
    { forwardedFor: ['8.8.8.8:65536'], because: 'a port above 65535' },
    { forwardedFor: [':80'], because: 'a port alone' },
    { forwardedFor: ['8.8.8.8:80:80'], because: 'two ports' },
    { forwardedFor: ['8.8.8.8/32'], because: 'a block' },
    { forwardedFor: ['010.8.8.8'], because: 'octal (CVE-2021-28918)' },
    { forwardedFor: ['0x8.8.8.8'], because: 'hexadecimal' },
    { forwardedFor: ['127.1'], because: 'short' },
    { forwardedFor: ['017700000001'], because: 'one octal number' },
    { forwardedFor: ['2130706433'], because: 'one number' },
    { forwardedFor: ['8.8.8.8 9.9.9.9'], because: 'blanks do not separate' },
    { forwardedFor: ['8.8.8.8; 9.9.9.9'], because: 'semicolons do not separate' },
    { forwardedFor: ['8.8.8.8\0'], because: 'a NUL' },
    { forwardedFor: ['\u00e9, 8.8.8.8'], because: 'an unreadable value, even left of the client' },
    { forwardedFor: ['\u0007', '8.8.8.8'], because: 'an unreadable line, even above the client' },
    { forwardedFor: ['8.8.8.8\u007f'], because: 'DEL' },
    { forwardedFor: [`${', '.repeat(32)}8.8.8.8`], because: '33 elements, blanks counted' },
    { forwardedFor: Array(33).fill('8.8.8.8'), because: '33 lines' },
    { forwardedFor: ['8.8.8.8', ','.repeat(40_000)], because: 'far too many' },
  ])('peer $peer, forwarded for $forwardedFor: $because', (given) => {
    expect(client(given)).toBeUndefined()
  })
})

describe('whose address counts', () => {
  test.each<Case & { is: string; because: string }>([
    { peer: '8.8.8.8', is: '8.8.8.8', because: 'the peer itself' },
    {
      peer: '8.8.8.8',
      forwardedFor: ['9.9.9.9'],
      is: '8.8.8.8',
      because: 'T1: an untrusted peer is not believed',
    },
    {
      peer: '8.8.8.8',
      forwardedFor: ['\0'],
      is: '8.8.8.8',
      because: 'what is not read cannot harm',
    },
    {
      peer: '8.8.8.8',
      trusted: [],
      forwardedFor: ['9.9.9.9'],
      is: '8.8.8.8',
      because: 'T2: nobody is trusted by default',
    },
    { trusted: [], forwardedFor: ['9.9.9.9'], is: PROXY, because: 'T2: not even a private peer' },
    { is: PROXY, because: 'no field: the peer itself, though trusted' },
    { forwardedFor: ['9.9.9.9'], is: '9.9.9.9', because: 'one hop' },
    {
      forwardedFor: ['9.9.9.9, 8.8.8.8'],
      is: '8.8.8.8',
      because: 'T1: right-most, never left-most',
    },
    { forwardedFor: ['9.9.9.9', '8.8.8.8'], is: '8.8.8.8', because: 'lines are joined in order' },
    {
      forwardedFor: ['9.9.9.9, 8.8.8.8', '10.0.0.2'],
      is: '8.8.8.8',
      because: 'trusted hops are walked over',
    },
    { forwardedFor: ['8.8.8.8, 10.0.0.3, 10.0.0.2'], is: '8.8.8.8', because: 'and more of them' },
    {
      forwardedFor: ['8.8.8.8, ::ffff:10.0.0.3'],
      is: '8.8.8.8',
      because: 'a mapped hop is the IPv4 one',
    },
    { forwardedFor: ['8.8.8.8, fd00::7'], is: '8.8.8.8', because: 'an IPv6 hop' },
    { forwardedFor: ['10.0.0.4, 10.0.0.3'], is: '10.0.0.4', because: 'all trusted: the left-most' },
    {
      forwardedFor: ['unknown, 8.8.8.8'],
      is: '8.8.8.8',
      because: 'what is left of the client is not read',
    },
    {
      forwardedFor: ['unknown, 8.8.8.8, 10.0.0.3'],
      is: '8.8.8.8',
      because: 'nor behind a trusted hop',
    },
    { forwardedFor: [', ,8.8.8.8, ,'], is: '8.8.8.8', because: 'blank hops are skipped' },
    { forwardedFor: ['', '8.8.8.8', ''], is: '8.8.8.8', because: 'blank lines are skipped' },
    { forwardedFor: ['\t8.8.8.8\t'], is: '8.8.8.8', because: 'tabs are blanks' },
    { forwardedFor: ['8.8.8.8:4711'], is: '8.8.8.8', because: 'IPv4 with a port' },
    { forwardedFor: ['8.8.8.8:0'], is: '8.8.8.8', because: 'the first port' },
    { forwardedFor: ['2606::1'], is: '2606::1', because: 'IPv6' },
    {
      forwardedFor: ['2606::1:80'],
      is: '2606::1:80',
      because: 'without brackets no port can be told',
    },
    { forwardedFor: ['[2606::1]'], is: '2606::1', because: 'IPv6 in brackets' },
    { forwardedFor: ['[2606::1]:65535'], is: '2606::1', because: 'the last port' },
    { forwardedFor: ['[::ffff:8.8.8.8]:80'], is: '8.8.8.8', because: 'T5: mapped, brackets, port' },
    { forwardedFor: ['::FFFF:808:808'], is: '8.8.8.8', because: 'T5: mapped, hexadecimal' },
    { forwardedFor: ['0:0:0:0:0:ffff:8.8.8.8'], is: '8.8.8.8', because: 'T5: mapped, written out' },
    {
      peer: '::ffff:10.0.0.1',
      forwardedFor: ['8.8.8.8'],
      is: '8.8.8.8',
      because: 'T5: a mapped peer is trusted as IPv4',
    },
    {
      peer: '::10.0.0.1',
      forwardedFor: ['8.8.8.8'],
      is: '::a00:1',
      because: 'T5: a compatible peer is not',
    },
    {
      peer: '10.0.0.1',
      trusted: ['::ffff:10.0.0.0/104'],
      forwardedFor: ['8.8.8.8'],
      is: '8.8.8.8',
      because: 'a mapped block is trusted as IPv4',
    },
    {
      peer: '10.9.9.9',
      trusted: ['10.1.2.3/8'],
      forwardedFor: ['8.8.8.8'],
      is: '8.8.8.8',
      because: 'T7: host bits are masked',
    },
    {
      peer: '10.0.0.2',
      trusted: ['10.0.0.1'],
      forwardedFor: ['8.8.8.8'],
      is: '10.0.0.2',
      because: 'one address is one address',
    },
    {
      peer: '10.0.0.3',
      trusted: ['10.0.0.2/31'],
      forwardedFor: ['8.8.8.8'],
      is: '8.8.8.8',
      because: 'T7: /31',
    },
    { forwardedFor: [`${', '.repeat(31)}8.8.8.8`], is: '8.8.8.8', because: '32 elements' },
    {
      forwardedFor: [...Array<string>(31).fill('unknown'), '8.8.8.8'],
      is: '8.8.8.8',
      because: '32 lines',
    },
  ])('peer $peer, forwarded for $forwardedFor is $is: $because', ({ is, ...given }) => {
    expect(client(given)).toBe(is)
  })
})

test('whatever an untrusted peer forwards, the answer is the peer', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.ipV4(), (forwardedFor, peer) => {
      expect(client({ peer, forwardedFor, trusted: [] })).toBe(peer)
    }),
  )
})

test('the client is never an address that a trusted proxy did not write last', () => {
  const hop = fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.9', 'fd00::9', 'unknown', ''))
  const proxies = [ipRange('10.0.0.0/8'), ipRange('fd00::/8')]
  fc.assert(
    fc.property(fc.array(hop, { minLength: 1, maxLength: 8 }), fc.ipV4(), (hops, last) => {
      const options = { trustedProxies: proxies, barePeer: 'is_client' } as const
      const found = clientAddress(PROXY, [[...hops, last].join(', ')], options)
      if (!last.startsWith('10.')) expect(found && formatIpAddress(found)).toBe(last)
    }),
  )
})

test.each<{ given: Case; hops: readonly string[]; is: string | undefined; because: string }>([
  { given: { peer: 'x' }, hops: ['x is no address'], is: undefined, because: 'no peer, no walk' },
  {
    given: { peer: undefined },
    hops: [' is no address'],
    is: undefined,
    because: 'nothing is known of the peer',
  },
  {
    given: { barePeer: 'is_nobody' },
    hops: ['10.0.0.1 trusted'],
    is: undefined,
    because: 'a check endpoint is told the client, or knows nobody',
  },
  {
    given: { peer: '8.8.8.8', forwardedFor: ['9.9.9.9'] },
    hops: ['8.8.8.8 untrusted'],
    is: '8.8.8.8',
    because: 'what an untrusted peer says is not looked at',
  },
  {
    given: { forwardedFor: ['9.9.9.9, unknown, 10.0.0.2'] },
    hops: ['10.0.0.1 trusted', '10.0.0.2 trusted', 'unknown is no address'],
    is: undefined,
    because: 'the walk ends at what is no address',
  },
  {
    given: { forwardedFor: [Array<string>(33).fill('8.8.8.8').join()] },
    hops: ['10.0.0.1 trusted'],
    is: undefined,
    because: 'too many hops are not looked at',
  },
  { given: {}, hops: ['10.0.0.1 trusted'], is: '10.0.0.1', because: 'no field: the peer' },
  {
    given: { forwardedFor: ['7.7.7.7, 8.8.8.8:80', ' , 10.0.0.2'] },
    hops: ['10.0.0.1 trusted', '10.0.0.2 trusted', '8.8.8.8:80 untrusted'],
    is: '8.8.8.8',
    because: 'up to the first that is not trusted, blank ones left out',
  },
])('a trace of $given looks at $hops: $because', ({ given, hops, is }) => {
  const peer = 'peer' in given ? given.peer : PROXY
  const { forwardedFor = [], barePeer = 'is_client', trusted = PROXIES } = given
  const options = { trustedProxies: trustedProxies(trusted), barePeer }
  const trace = traceClientAddress(peer, forwardedFor, options)
  const looked = trace.hops.map(({ text, address, isTrusted }) => {
    if (address === undefined) return `${text} is no address`
    return `${text} ${isTrusted ? 'trusted' : 'untrusted'}`
  })
  expect(looked).toEqual(hops)
  expect(trace.address && formatIpAddress(trace.address)).toBe(is)
  expect(client(given)).toBe(is)
})
