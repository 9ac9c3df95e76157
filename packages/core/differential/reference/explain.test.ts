import { describe, expect, test } from 'vitest'
import type { ExplainAnswer, ExplainLine, HeaderField, Json, ListLine } from '../case.ts'
import { referenceExplain } from './explain.ts'

const SHOP: ListLine = { enabled: true, entries: ['example.com'] }
const OFFICE: ListLine = { enabled: true, entries: ['8.8.8.8'] }
const NOBODY: ListLine = { enabled: true, entries: [] }
const OFF: ListLine = { enabled: false, entries: ['example.net'] }

describe('the rule', () => {
  test.each<{ domains?: ListLine; ips?: ListLine; headers: HeaderField[]; gives: string }>([
    { domains: SHOP, headers: [], gives: 'server_not_allowed' },
    { domains: NOBODY, headers: [], gives: 'server_not_allowed' },
    { ips: OFFICE, headers: [['Origin', 'https://example.com']], gives: 'browser_not_allowed' },
    { ips: NOBODY, domains: OFF, headers: [['Referer', '']], gives: 'browser_not_allowed' },
    { domains: NOBODY, headers: [['Sec-Fetch-Site', '']], gives: 'domain_list_empty' },
    { ips: NOBODY, headers: [], gives: 'ip_list_empty' },
    { domains: SHOP, headers: [['Sec-Fetch-Site', 'same-origin']], gives: 'domain_missing' },
    { domains: SHOP, headers: [['Origin', 'null']], gives: 'domain_unreadable' },
    { domains: SHOP, headers: [['Origin', 'https://example.net']], gives: 'domain_not_listed' },
    { ips: OFFICE, headers: [['Sec-Fetch-Mode', 'cors']], gives: 'ip_not_listed' },
    { domains: SHOP, headers: [['Origin', 'https://example.com']], gives: 'domain_listed' },
    {
      domains: SHOP,
      ips: NOBODY,
      headers: [['Referer', 'http://example.com/']],
      gives: 'domain_listed',
    },
    { domains: OFF, headers: [['Origin', 'null']], gives: 'unrestricted' },
    { headers: [], gives: 'unrestricted' },
  ])('$domains $ips $headers gives $gives', ({ headers, gives, ...restrictions }) => {
    const request = { headers, peer: '1.1.1.1' }
    const effect = /(listed|unrestricted)$/.test(gives) && !gives.includes('not') ? 'allow' : 'deny'
    expect(referenceExplain({ restrictions, request })).toMatchObject({ effect, reason: gives })
  })
})

describe('the domain of a browser request', () => {
  test.each<{ headers: HeaderField[]; gives: string | null; because: string }>([
    { headers: [['Origin', '']], gives: null, because: 'an empty Origin' },
    {
      headers: [
        ['Origin', 'https://example.com'],
        ['origin', 'https://example.com'],
      ],
      gives: null,
      because: 'two field lines',
    },
    {
      headers: [
        ['Origin', 'null'],
        ['Referer', 'https://example.com/'],
      ],
      gives: null,
      because: 'there is no fall-back to Referer',
    },
    { headers: [['Origin', 'https://example.com/']], gives: null, because: 'a path' },
    { headers: [['Origin', 'https://u@example.com']], gives: null, because: 'user information' },
    { headers: [['Origin', 'https://example.com:65536']], gives: null, because: 'no port' },
    { headers: [['Origin', 'https://example.com..']], gives: null, because: 'two dots' },
    { headers: [['Origin', 'https://127.0.0.1']], gives: null, because: 'an IP address' },
    { headers: [['Origin', 'https://[::1]']], gives: null, because: 'an IP address' },
    { headers: [['Origin', 'https://a.0x1']], gives: null, because: 'an IP address, nearly' },
    { headers: [['Origin', 'capacitor://localhost']], gives: null, because: 'another scheme' },
    { headers: [['Referer', 'https://example.com/ x']], gives: null, because: 'a blank inside' },
    { headers: [['Referer', 'https://example.com\\@evil.example/']], gives: null, because: '\\' },
    { headers: [['Origin', '\thTTps://Example.com.:0 ']], gives: 'example.com', because: 'legal' },
    {
      headers: [['Referer', 'http://u:p@example.com:80?x']],
      gives: 'example.com',
      because: 'legal',
    },
    { headers: [['Referer', 'http://example.com#@x']], gives: 'example.com', because: '# ends it' },
    { headers: [['Origin', 'http://xn--a.com']], gives: 'xn--a.com', because: 'no punycode check' },
  ])('$headers gives $gives: $because', ({ headers, gives }) => {
    const answer = referenceExplain({ restrictions: {}, request: { headers, peer: null } })
    expect(answer).toMatchObject({ source: 'browser', domain: gives, address: null })
  })

  test.each<{ entry: Json; origin: string; gives: string; https?: boolean }>([
    { entry: 'example.com', origin: 'https://www.example.com', gives: 'domain_not_listed' },
    { entry: 'example.com', origin: 'https://example.com.evil.net', gives: 'domain_not_listed' },
    { entry: '*.example.com', origin: 'https://example.com', gives: 'domain_not_listed' },
    { entry: '*.example.com', origin: 'https://evilexample.com', gives: 'domain_not_listed' },
    { entry: below('example.com'), origin: 'https://evilexample.com', gives: 'domain_not_listed' },
    { entry: 'example.com', origin: 'http://example.com', gives: 'domain_not_listed', https: true },
    { entry: 'example.com', origin: 'http://example.com:8080', gives: 'domain_listed' },
    { entry: '*.example.com', origin: 'https://a.b.example.com', gives: 'domain_listed' },
    { entry: below('example.com'), origin: 'https://example.com', gives: 'domain_listed' },
    { entry: below('example.com'), origin: 'https://www.example.com', gives: 'domain_listed' },
    { entry: 'bücher.example', origin: 'https://xn--bcher-kva.example', gives: 'domain_listed' },
  ])('$entry and $origin: $gives', ({ entry, origin, gives, https }) => {
    const restrictions = { domains: { enabled: true, entries: [entry] } }
    const request = { headers: [['Origin', origin]] as const, peer: null }
    const settings = { httpsOriginsOnly: https ?? false }
    expect(referenceExplain({ restrictions, request, settings })).toHaveProperty('reason', gives)
  })
})

describe('the address of a server request behind 10.0.0.0/8', () => {
  test.each<{ peer: string | null; forwarded: string[]; gives: string | null; because: string }>([
    { peer: null, forwarded: ['8.8.8.8'], gives: null, because: 'no peer' },
    { peer: 'fe80::1%eth0', forwarded: [], gives: null, because: 'a zone is no address' },
    { peer: '10.0.0.1', forwarded: [''], gives: null, because: 'none but blanks' },
    { peer: '10.0.0.1', forwarded: ['unknown'], gives: null, because: 'no address' },
    { peer: '10.0.0.1', forwarded: ['8.8.8.8:'], gives: null, because: 'an empty port' },
    { peer: '10.0.0.1', forwarded: ['[8.8.8.8]'], gives: null, because: 'IPv4 in brackets' },
    { peer: '10.0.0.1', forwarded: ['\u00FC, 8.8.8.8'], gives: null, because: 'not ASCII' },
    { peer: '10.0.0.1', forwarded: [`${','.repeat(32)}8.8.8.8`], gives: null, because: '33' },
    { peer: '10.0.0.1', forwarded: ['x, 10.0.0.2'], gives: null, because: 'the walk ends at x' },
    { peer: '1.1.1.1', forwarded: ['8.8.8.8'], gives: '1.1.1.1', because: 'untrusted peer' },
    { peer: '10.0.0.1', forwarded: [], gives: '10.0.0.1', because: 'no such field' },
    { peer: '10.0.0.1', forwarded: ['x, 8.8.8.8'], gives: '8.8.8.8', because: 'x is not reached' },
    { peer: '::ffff:a00:1', forwarded: ['8.8.8.8'], gives: '8.8.8.8', because: 'mapped is IPv4' },
    {
      peer: '10.0.0.1',
      forwarded: ['8.8.8.8', '10.1.1.1,\t'],
      gives: '8.8.8.8',
      because: 'joined',
    },
    { peer: '10.0.0.1', forwarded: ['10.0.0.3, 10.0.0.2'], gives: '10.0.0.3', because: 'all ours' },
    { peer: '10.0.0.1', forwarded: [`${','.repeat(31)}8.8.8.8`], gives: '8.8.8.8', because: '32' },
    { peer: '10.0.0.1', forwarded: ['[2A00::1]:80'], gives: '2a00::1', because: 'a port' },
  ])('$peer $forwarded gives $gives: $because', ({ peer, forwarded, gives }) => {
    const headers = forwarded.map((value): HeaderField => ['X-Forwarded-For', value])
    const line = { restrictions: {}, request: { headers, peer }, trustedProxies: ['10.9.9.9/8'] }
    expect(referenceExplain(line)).toMatchObject({ source: 'server', address: gives, domain: null })
  })

  test.each(['X_Forwarded_For', 'X-Real-IP', 'Forwarded', 'X-Forwarded-For '])(
    '%j is not read',
    (name) => {
      const request = { headers: [[name, '8.8.8.8']] as const, peer: '10.0.0.1' }
      const line = { restrictions: {}, request, trustedProxies: ['10.0.0.0/8'] }
      expect(referenceExplain(line)).toHaveProperty('address', '10.0.0.1')
    },
  )
})

describe('bad entries', () => {
  test('are all reported, in input order, lists that are off included', () => {
    const domains = {
      entries: ['com', 'a.example', 'https://A.example.', 5, 'b.example', 'x y', 1],
    }
    const ips = { enabled: true, entries: ['8.8.8.8', { value: '::ffff:8.8.8.8' }, '10.0.0.1'] }
    const trustedProxies = ['::1', '0.0.0.0/0', '10.0.0.1:80']
    const line: ExplainLine = {
      restrictions: { domains, ips },
      request: NO_REQUEST,
      trustedProxies,
    }
    expect(referenceExplain(line)).toEqual<ExplainAnswer>({
      problems: [
        { path: '/domains/entries/0', code: 'domain_single_label' },
        { path: '/domains/entries/2', code: 'entry_duplicate' },
        { path: '/domains/entries/3', code: 'not_text' },
        { path: '/domains/entries/5', code: 'entries_too_many' },
        { path: '/domains/entries/6', code: 'entries_too_many' },
        { path: '/ips/entries/1', code: 'entry_duplicate' },
        { path: '/ips/entries/2', code: 'ip_special' },
        { path: '/trustedProxies/1', code: 'ip_range_too_wide' },
        { path: '/trustedProxies/2', code: 'ip_syntax' },
      ],
    })
  })

  test.each<{ entry: Json; code: string; because: string }>([
    { entry: below('*.example.com'), code: 'domain_wildcard', because: 'one or the other' },
    { entry: below('localhost'), code: 'domain_public_suffix', because: 'judged as wildcard too' },
    { entry: below('amazonaws.com'), code: 'domain_public_suffix', because: 'suffixes below' },
    { entry: below('com'), code: 'domain_single_label', because: 'judged as domain first' },
  ])('$entry: $code, $because', ({ entry, code }) => {
    const restrictions = { domains: { enabled: true, entries: [entry] } }
    const problems = [{ path: '/domains/entries/0', code }]
    expect(referenceExplain({ restrictions, request: NO_REQUEST })).toEqual({ problems })
  })
})

const NO_REQUEST = { headers: [], peer: null }

/** An entry for a domain and all that is below it. */
function below(value: string): Json {
  return { value, subdomains: true }
}
