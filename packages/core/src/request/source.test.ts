import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../address/ip-address.ts'
import { ipRange } from '../address/ip-range.ts'
import { readEvidence } from './evidence.ts'
import { requestSource, type RequestSource, type SourceSettings } from './source.ts'

const SETTINGS: SourceSettings = {
  trustedProxies: [ipRange('10.0.0.0/8')],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

function source(
  fields: readonly string[],
  { peer, settings }: { peer?: string; settings?: Partial<SourceSettings> } = {},
): RequestSource {
  return requestSource(readEvidence(fields), peer ?? '8.8.8.8', { ...SETTINGS, ...settings })
}

const GOOD = 'https://example.com'

describe('a browser without a domain', () => {
  test.each<{ fields: string[]; gives: string; because: string }>([
    { fields: ['Sec-Fetch-Site', 'none'], gives: 'domain_missing', because: 'an address bar' },
    {
      fields: ['Sec-Fetch-Site', ''],
      gives: 'domain_missing',
      because: 'the empty value included',
    },
    {
      fields: ['Sec-Fetch-Site', 'same-origin', 'Host', 'example.com'],
      gives: 'domain_missing',
      because: 'Host is no evidence of the page',
    },
    { fields: ['Origin', ''], gives: 'domain_unreadable', because: 'an empty origin is a value' },
    { fields: ['Origin', 'null'], gives: 'domain_unreadable', because: 'T21: null is a value' },
    {
      fields: ['Origin', 'null', 'Referer', `${GOOD}/`],
      gives: 'domain_unreadable',
      because: 'T21: no fall-back after a tainted redirect',
    },
    {
      fields: ['Origin', '', 'Referer', `${GOOD}/`],
      gives: 'domain_unreadable',
      because: 'no fall-back from an empty origin',
    },
    {
      fields: ['Origin', 'https://a b', 'Referer', `${GOOD}/`],
      gives: 'domain_unreadable',
      because: 'T22: no fall-back from a broken one',
    },
    {
      fields: ['Referer', `${GOOD}/`, 'Origin', 'null'],
      gives: 'domain_unreadable',
      because: 'whatever comes first',
    },
    {
      fields: ['Origin', GOOD, 'Origin', GOOD],
      gives: 'domain_unreadable',
      because: 'T26: two lines, though the same',
    },
    {
      fields: ['Origin', GOOD, 'origin', 'https://evil.example'],
      gives: 'domain_unreadable',
      because: 'T26: two lines',
    },
    {
      fields: ['Origin', GOOD, 'Origin', ''],
      gives: 'domain_unreadable',
      because: 'T26: an empty second line',
    },
    {
      fields: ['Origin', `${GOOD}, ${GOOD}`],
      gives: 'domain_unreadable',
      because: 'T26: two, joined by a proxy',
    },
    { fields: ['Origin', `${GOOD}\u00e9`], gives: 'domain_unreadable', because: 'not ASCII' },
    {
      fields: ['Origin', 'https://203.0.113.7'],
      gives: 'domain_unreadable',
      because: 'an address is no domain',
    },
    {
      fields: ['Origin', 'capacitor://localhost'],
      gives: 'domain_unreadable',
      because: 'a hybrid client',
    },
    { fields: ['Referer', ''], gives: 'domain_unreadable', because: 'an empty referer is a value' },
    { fields: ['Referer', 'about:blank'], gives: 'domain_unreadable', because: 'no page' },
    {
      fields: ['Referer', `${GOOD}/`, 'Referer', `${GOOD}/`],
      gives: 'domain_unreadable',
      because: 'T26: two lines, though the same',
    },
    {
      fields: ['Referer', `${GOOD}/`, 'Referer', 'https://evil.example/'],
      gives: 'domain_unreadable',
      because: 'T26: two lines',
    },
  ])('$fields is $gives: $because', ({ fields, gives }) => {
    expect(source(fields)).toEqual({ kind: 'browser', domain: undefined, because: gives })
  })

  test.each<{ fields: string[]; because: string }>([
    { fields: ['Origin', 'http://example.com'], because: 'a plain origin' },
    { fields: ['Referer', 'http://example.com/'], because: 'a plain referer' },
    { fields: ['Origin', 'http://localhost:3000'], because: 'localhost is no exception' },
  ])('$fields with httpsOriginsOnly: $because', ({ fields }) => {
    expect(source(fields, { settings: { httpsOriginsOnly: true } })).toMatchObject({
      domain: expect.any(String),
      mayMatch: false,
    })
    expect(source(fields)).toMatchObject({ mayMatch: true })
  })
})

describe('a browser with a domain', () => {
  test.each<{ fields: string[]; domain: string; because: string }>([
    { fields: ['Origin', GOOD], domain: 'example.com', because: 'the origin' },
    {
      fields: ['ORIGIN', ' https://example.com\t'],
      domain: 'example.com',
      because: 'blanks are trimmed',
    },
    {
      fields: ['Referer', `${GOOD}/path`],
      domain: 'example.com',
      because: 'the referer, where no origin is',
    },
    {
      fields: ['Sec-Fetch-Site', 'cross-site', 'Referer', `${GOOD}/`],
      domain: 'example.com',
      because: 'fetch metadata says nothing of the domain',
    },
    {
      fields: ['Origin', GOOD, 'Referer', 'https://evil.example/'],
      domain: 'example.com',
      because: 'a referer beside an origin is not looked at',
    },
    {
      fields: ['Origin', GOOD, 'Referer', 'a', 'Referer', 'b'],
      domain: 'example.com',
      because: 'however broken',
    },
    {
      fields: ['Origin', 'https://evil.example', 'Referer', `${GOOD}/`],
      domain: 'evil.example',
      because: 'nor where it would help',
    },
    {
      fields: ['Origin', GOOD, 'X-Forwarded-For', '\0'],
      domain: 'example.com',
      because: 'the address is not asked',
    },
    {
      fields: ['Origin', GOOD, 'Host', 'evil.example'],
      domain: 'example.com',
      because: 'T17: Host is not asked',
    },
    {
      fields: ['Origin', GOOD, 'X-Forwarded-Host', 'evil.example', 'X-Original-URI', '/x'],
      domain: 'example.com',
      because: 'T17: nor fields about the target',
    },
  ])('$fields is $domain: $because', ({ fields, domain }) => {
    expect(source(fields)).toEqual({ kind: 'browser', domain, mayMatch: true })
  })

  test('https is admitted by httpsOriginsOnly', () => {
    const settings = { httpsOriginsOnly: true }
    expect(source(['Origin', GOOD], { settings })).toMatchObject({ mayMatch: true })
    expect(source(['Referer', `${GOOD}/`], { settings })).toMatchObject({ mayMatch: true })
  })
})

describe('a server', () => {
  const ADDRESS = parseIpAddress('8.8.8.8')

  test.each<{ fields: string[]; because: string }>([
    { fields: [], because: 'no evidence' },
    { fields: ['Sec-Fetch-Mode', 'cors', 'User-Agent', 'node'], because: "Node's fetch" },
    { fields: ['User-Agent', 'Mozilla/5.0', 'Cookie', 'a=b'], because: 'neither is evidence' },
    { fields: ['X-Forwarded-For', '9.9.9.9'], because: 'T1: an untrusted peer' },
    { fields: ['X-Real-IP', '9.9.9.9', 'Forwarded', 'for=9.9.9.9'], because: 'T3: never read' },
    {
      fields: ['CF-Connecting-IP', '9.9.9.9', 'True-Client-IP', '9.9.9.9'],
      because: 'T3: never read',
    },
    {
      fields: ['X_Forwarded_For', '9.9.9.9', 'X.Forwarded.For', '9.9.9.9'],
      because: 'T10: other fields',
    },
    {
      fields: ['X-Forwarded-Host', 'a', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Port', '1'],
      because: 'T4: never read',
    },
  ])('$fields comes from its peer: $because', ({ fields }) => {
    expect(source(fields)).toEqual({ kind: 'server', address: ADDRESS })
  })

  test('T3: no vendor field is read from a trusted proxy either', () => {
    const fields = [
      'X-Real-IP',
      '9.9.9.9',
      'Forwarded',
      'for=9.9.9.9',
      'X_Forwarded_For',
      '9.9.9.9',
    ]
    expect(source(fields, { peer: '10.0.0.1' })).toEqual({
      kind: 'server',
      address: parseIpAddress('10.0.0.1'),
    })
  })

  test('what cannot be told is unreadable', () => {
    const unreadable = { kind: 'server', address: undefined, because: 'ip_unreadable' }
    expect(source([], { peer: 'fe80::1%eth0' })).toEqual(unreadable)
    expect(source(['X-Forwarded-For', 'unknown'], { peer: '10.0.0.1' })).toEqual(unreadable)
    expect(source([], { peer: '10.0.0.1', settings: { barePeer: 'is_nobody' } })).toEqual(
      unreadable,
    )
    expect(requestSource(readEvidence([]), undefined, SETTINGS)).toEqual(unreadable)
  })
})
