import { describe, expect, test } from 'vitest'
import { readConfig } from '../../config/read-config.ts'
import { EXPLAIN_LINE_SETTINGS, explainLine } from './explain-line.ts'

type Fields = readonly (readonly [string, string])[]

function line(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { restrictions: {}, request: { headers: [], peer: null }, ...members }
}

function list(...entries: readonly unknown[]): { enabled: boolean; entries: readonly unknown[] } {
  return { enabled: true, entries }
}

function request(headers: Fields, peer: string | null = '8.8.8.8'): Record<string, unknown> {
  return { request: { headers, peer } }
}

const PAGE: Fields = [['Origin', 'https://example.com']]
const DOMAINS = { domains: list('example.com') }
const IPS = { ips: list('8.8.8.8') }

describe('a good line gives all six members', () => {
  test.each<{ given: Record<string, unknown>; gives: readonly unknown[]; because: string }>([
    {
      given: { ...request(PAGE), restrictions: DOMAINS },
      gives: ['allow', 'browser', 'domain_listed', 'example.com', null],
      because: 'the listed domain',
    },
    {
      given: { ...request([['Referer', 'https://www.example.com/x']]), restrictions: DOMAINS },
      gives: ['deny', 'browser', 'domain_not_listed', 'www.example.com', null],
      because: 'a subdomain is another domain',
    },
    {
      given: {
        ...request([['Referer', 'https://www.example.com/x']]),
        restrictions: { domains: list({ value: 'example.com', label: 'shop', subdomains: true }) },
      },
      gives: ['allow', 'browser', 'domain_listed', 'www.example.com', null],
      because: 'the entry covers its subdomains',
    },
    {
      given: { ...request([]), restrictions: DOMAINS },
      gives: ['deny', 'server', 'server_not_allowed', null, '8.8.8.8'],
      because: 'the address is told whichever lists are on',
    },
    {
      given: { ...request(PAGE), restrictions: IPS },
      gives: ['deny', 'browser', 'browser_not_allowed', 'example.com', null],
      because: 'the domain is told whichever lists are on',
    },
    {
      given: { ...request([], '::ffff:8.8.8.8'), restrictions: IPS },
      gives: ['allow', 'server', 'ip_listed', null, '8.8.8.8'],
      because: 'a mapped address is the IPv4 address',
    },
    {
      given: { ...request([['origin', '']]), restrictions: DOMAINS },
      gives: ['deny', 'browser', 'domain_unreadable', null, null],
      because: 'an empty Origin names no domain',
    },
    {
      given: { ...request([...PAGE, ...PAGE]), restrictions: DOMAINS },
      gives: ['deny', 'browser', 'domain_unreadable', null, null],
      because: 'a repeated Origin is kept as two',
    },
    {
      given: { ...request([], null), restrictions: IPS },
      gives: ['deny', 'server', 'ip_unreadable', null, null],
      because: 'no peer',
    },
    {
      given: { ...request([]) },
      gives: ['allow', 'server', 'unrestricted', null, '8.8.8.8'],
      because: 'lists are off and empty by default',
    },
    {
      given: { ...request([]), restrictions: { ips: { enabled: true } } },
      gives: ['deny', 'server', 'ip_list_empty', null, '8.8.8.8'],
      because: 'on and empty matches nobody',
    },
    {
      given: { ...request([]), restrictions: { ips: { entries: ['8.8.4.4'] } } },
      gives: ['allow', 'server', 'unrestricted', null, '8.8.8.8'],
      because: 'a list is off by default',
    },
    {
      given: {
        ...request([['X-Forwarded-For', '8.8.8.8, 10.0.0.9']], '10.0.0.2'),
        trustedProxies: ['10.0.0.0/8'],
        restrictions: IPS,
      },
      gives: ['allow', 'server', 'ip_listed', null, '8.8.8.8'],
      because: 'the first untrusted hop from the right',
    },
    {
      given: { ...request([['X-Forwarded-For', '8.8.8.8']], '9.9.9.9'), restrictions: IPS },
      gives: ['deny', 'server', 'ip_not_listed', null, '9.9.9.9'],
      because: 'an untrusted peer’s field is not read',
    },
    {
      given: { ...request([], '10.0.0.2'), trustedProxies: ['10.0.0.2'], restrictions: IPS },
      gives: ['deny', 'server', 'ip_not_listed', null, '10.0.0.2'],
      because: 'a trusted peer without the field is itself',
    },
    {
      given: {
        ...request([], '10.0.0.2'),
        restrictions: { ips: list('10.0.0.0/8') },
        allowIpRanges: true,
        allowPrivateAddresses: true,
      },
      gives: ['allow', 'server', 'ip_listed', null, '10.0.0.2'],
      because: 'blocks and private addresses where they are allowed',
    },
    {
      given: { ...request([]), settings: { maxIps: 0 }, unknown: { a: 1 }, trustedProxies: [] },
      gives: ['allow', 'server', 'unrestricted', null, '8.8.8.8'],
      because: 'unknown members on top are ignored',
    },
  ])('$gives: $because', ({ given, gives }) => {
    const [effect, source, reason, domain, address] = gives
    expect(explainLine(line({ id: 7, ...given }))).toEqual({
      id: 7,
      effect,
      source,
      reason,
      domain,
      address,
    })
  })
})

describe('bad entries give their problems and no effect', () => {
  test.each<{ given: Record<string, unknown>; gives: string[]; because: string }>([
    {
      given: { restrictions: { domains: { enabled: false, entries: ['com'] } } },
      gives: ['/domains/entries/0 domain_single_label'],
      because: 'lists that are off are checked too',
    },
    {
      given: {
        restrictions: {
          domains: list('example.com', 'EXAMPLE.com', 'co.uk'),
          ips: list('10.0.0.1'),
        },
      },
      gives: [
        '/domains/entries/1 entry_duplicate',
        '/domains/entries/2 domain_public_suffix',
        '/ips/entries/0 ip_special',
      ],
      because: 'all together, in order',
    },
    {
      given: { restrictions: { domains: list(5, null, true, ['a'], { value: { a: 1 } }) } },
      gives: [0, 1, 2, 3, 4].map((at) => `/domains/entries/${at} not_text`),
      because: 'what is no text is for the checker to refuse',
    },
    {
      given: {
        restrictions: {
          ips: list('1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5', '1.1.1.6'),
        },
      },
      gives: ['/ips/entries/5 entries_too_many'],
      because: 'five fit',
    },
    {
      given: { trustedProxies: ['10.0.0.1', 'proxy', '0.0.0.0/0'] },
      gives: ['/trustedProxies/1 ip_syntax', '/trustedProxies/2 ip_range_too_wide'],
      because: 'a bad trusted proxy has a path of its own',
    },
    {
      given: { restrictions: { ips: list('1.1.1.0/24') }, trustedProxies: [''] },
      gives: ['/ips/entries/0 ip_range_not_allowed', '/trustedProxies/0 ip_syntax'],
      because: 'entries first',
    },
  ])('$gives: $because', ({ given, gives }) => {
    const answer = explainLine(line({ id: 'x', ...given }))
    expect(Object.keys(answer)).toEqual(['id', 'problems'])
    const problems = 'problems' in answer ? answer.problems : []
    expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual(gives)
    expect(problems.every(({ message }) => message.length > 0)).toBe(true)
    expect(problems.map((problem) => Object.keys(problem).join())).toEqual(
      gives.map(() => 'path,code,message'),
    )
  })
})

describe('a line of another shape is malformed', () => {
  const good = line()
  test.each<{ given: unknown; because: string }>([
    { given: null, because: 'null' },
    { given: [], because: 'an array' },
    { given: 'text', because: 'a string' },
    { given: {}, because: 'nothing that is required' },
    { given: { ...good, restrictions: undefined }, because: 'no restrictions' },
    { given: { ...good, restrictions: null }, because: 'null is no object' },
    { given: { ...good, restrictions: [] }, because: 'an array is no object' },
    { given: { ...good, request: undefined }, because: 'no request' },
    { given: { ...good, request: { headers: [] } }, because: 'no peer' },
    { given: { ...good, request: { peer: null } }, because: 'no headers' },
    { given: { ...good, request: { headers: {}, peer: null } }, because: 'headers are pairs' },
    { given: { ...good, request: { headers: [['a']], peer: null } }, because: 'half a pair' },
    {
      given: { ...good, request: { headers: [['a', 'b', 'c']], peer: null } },
      because: 'more than a pair',
    },
    {
      given: { ...good, request: { headers: [['a', 1]], peer: null } },
      because: 'a value is a string',
    },
    { given: { ...good, request: { headers: [], peer: 8 } }, because: 'a peer is a string' },
    {
      given: { ...good, request: { headers: [], peer: null, method: 'GET' } },
      because: 'an unknown member of request',
    },
    { given: { ...good, restrictions: { domain: {} } }, because: 'an unknown list' },
    {
      given: { ...good, restrictions: { domains: { on: true } } },
      because: 'an unknown member of a list',
    },
    { given: { ...good, restrictions: { domains: null } }, because: 'a list is an object' },
    {
      given: { ...good, restrictions: { domains: { enabled: 1 } } },
      because: 'a switch is true or false',
    },
    {
      given: { ...good, restrictions: { domains: { entries: 'example.com' } } },
      because: 'entries are an array',
    },
    {
      given: { ...good, restrictions: { domains: list({}) } },
      because: 'an entry without a value',
    },
    {
      given: { ...good, restrictions: { domains: list({ value: 'a.com', note: '' }) } },
      because: 'an unknown member of an entry',
    },
    {
      given: { ...good, restrictions: { domains: list({ value: 'a.com', label: 1 }) } },
      because: 'a label is a string',
    },
    {
      given: { ...good, restrictions: { domains: list({ value: 'a.com', subdomains: 'true' }) } },
      because: 'subdomains is true or false',
    },
    {
      given: { ...good, restrictions: { ips: list({ value: '8.8.8.8', subdomains: true }) } },
      because: 'an address has no subdomains',
    },
    { given: { ...good, trustedProxies: '10.0.0.1' }, because: 'trusted proxies are an array' },
    { given: { ...good, trustedProxies: [1] }, because: 'a trusted proxy is a string' },
    { given: { ...good, trustedProxies: null }, because: 'null is not absent' },
    { given: { ...good, allowIpRanges: 'true' }, because: 'a setting is true or false' },
    { given: { ...good, allowPrivateAddresses: null }, because: 'null is not absent' },
    {
      given: JSON.parse('{"restrictions":{"__proto__":{}},"request":{"headers":[],"peer":null}}'),
      because: 'a name of the language is unknown too',
    },
    {
      given: JSON.parse('{"restrictions":{},"request":{"headers":[],"peer":null,"constructor":1}}'),
      because: 'a name of the language is unknown too',
    },
  ])('$because', ({ given }) => {
    const answer = explainLine(given)
    expect('error' in answer && typeof answer.error).toBe('string')
    expect(answer).not.toHaveProperty('effect')
  })

  test('its id is echoed, and null where it has none', () => {
    expect(explainLine({ id: 'x' })).toMatchObject({ id: 'x' })
    expect(explainLine({})).toMatchObject({ id: null })
    expect(explainLine('x')).not.toHaveProperty('id')
  })

  test('a long unknown name does not come back whole', () => {
    const answer = explainLine({ ...good, restrictions: { ['x'.repeat(500_000)]: 1 } })
    expect(JSON.stringify(answer).length).toBeLessThan(1000)
  })
})

test.each<{ id: unknown }>([
  { id: 0 },
  { id: '' },
  { id: false },
  { id: null },
  { id: [{}] },
  { id: { a: [1] } },
])('the id is any JSON: $id', ({ id }) =>
  expect(explainLine(line({ id }))).toHaveProperty('id', id),
)

test('a line without an id gives null', () => {
  expect(explainLine(line())).toHaveProperty('id', null)
})

test('nothing of a line reaches the prototypes', () => {
  explainLine(
    JSON.parse(
      '{"__proto__":{"polluted":1},"restrictions":{"domains":{"entries":[{"value":{"__proto__":{"polluted":1}}}]}},"request":{"headers":[["__proto__","polluted"]],"peer":"__proto__"}}',
    ),
  )
  expect({}).not.toHaveProperty('polluted')
})

test('what a line cannot set is as the settings have it by default', () => {
  const read = readConfig({ flags: {}, env: {}, readFile: () => ({ ok: false, problem: '' }) })
  expect(read.ok && read.value.config).toMatchObject({ ...EXPLAIN_LINE_SETTINGS })
})
