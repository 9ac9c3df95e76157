import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../address/ip-address.ts'
import { parseDomain } from '../domain/domain.ts'
import type { RequestSource } from '../request/source.ts'
import { type CompiledRestrictions, compileRestrictions } from '../restriction/compile.ts'
import { decide } from './decide.ts'

type Mode = 'off' | 'empty' | 'listing'

function restrictions(domains: Mode, ips: Mode): CompiledRestrictions {
  const domain = { value: 'example.com', subdomains: false, label: '' }
  const address = { value: '8.8.8.8', label: '' }
  const compiled = compileRestrictions({
    // A list that is off keeps its entries: they must not be consulted.
    domains: { enabled: domains !== 'off', entries: domains === 'empty' ? [] : [domain] },
    ips: { enabled: ips !== 'off', entries: ips === 'empty' ? [] : [address] },
  })
  if (compiled === undefined) throw new Error('unreadable restrictions')
  return compiled
}

function browser(domain: string): RequestSource {
  const parsed = parseDomain(domain)
  if (parsed === undefined) throw new Error(`no domain: ${domain}`)
  return { kind: 'browser', domain: parsed, mayMatch: true }
}

function server(text: string): RequestSource {
  const address = parseIpAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return { kind: 'server', address }
}

const SOURCES = {
  listed_domain: browser('example.com'),
  other_domain: browser('evil.example'),
  barred_domain: { ...browser('example.com'), mayMatch: false } as RequestSource,
  missing_domain: { kind: 'browser', domain: undefined, because: 'domain_missing' },
  unreadable_domain: { kind: 'browser', domain: undefined, because: 'domain_unreadable' },
  listed_ip: server('8.8.8.8'),
  other_ip: server('9.9.9.9'),
  unreadable_ip: { kind: 'server', address: undefined, because: 'ip_unreadable' },
} as const satisfies Record<string, RequestSource>

type From = keyof typeof SOURCES

describe('refused', () => {
  test.each<{ domains: Mode; ips: Mode; from: From; gives: string; because: string }>([
    {
      domains: 'listing',
      ips: 'off',
      from: 'other_domain',
      gives: 'domain_not_listed',
      because: 'its domain must be listed',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'barred_domain',
      gives: 'domain_not_listed',
      because: 'listed, but its page is http where only https is admitted',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'missing_domain',
      gives: 'domain_missing',
      because: 'no domain matches nothing',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'unreadable_domain',
      gives: 'domain_unreadable',
      because: 'no domain matches nothing',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'listed_ip',
      gives: 'server_not_allowed',
      because: 'only the other list is on',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'other_ip',
      gives: 'server_not_allowed',
      because: 'only the other list is on',
    },
    {
      domains: 'listing',
      ips: 'off',
      from: 'unreadable_ip',
      gives: 'server_not_allowed',
      because: 'this comes before an unreadable address',
    },
    {
      domains: 'empty',
      ips: 'off',
      from: 'listed_domain',
      gives: 'domain_list_empty',
      because: 'on and empty matches nobody',
    },
    {
      domains: 'empty',
      ips: 'off',
      from: 'missing_domain',
      gives: 'domain_list_empty',
      because: 'empty comes before missing',
    },
    {
      domains: 'empty',
      ips: 'off',
      from: 'unreadable_domain',
      gives: 'domain_list_empty',
      because: 'empty comes before unreadable',
    },
    {
      domains: 'empty',
      ips: 'off',
      from: 'listed_ip',
      gives: 'server_not_allowed',
      because: 'the other list, empty or not',
    },
    {
      domains: 'empty',
      ips: 'off',
      from: 'unreadable_ip',
      gives: 'server_not_allowed',
      because: 'the other list, empty or not',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'listed_domain',
      gives: 'browser_not_allowed',
      because: 'only the other list is on',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'other_domain',
      gives: 'browser_not_allowed',
      because: 'only the other list is on',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'missing_domain',
      gives: 'browser_not_allowed',
      because: 'this comes before a missing domain',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'unreadable_domain',
      gives: 'browser_not_allowed',
      because: 'this comes before an unreadable one',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'other_ip',
      gives: 'ip_not_listed',
      because: 'its address must be listed',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'unreadable_ip',
      gives: 'ip_unreadable',
      because: 'no address matches nothing',
    },
    {
      domains: 'off',
      ips: 'empty',
      from: 'listed_domain',
      gives: 'browser_not_allowed',
      because: 'the other list, empty or not',
    },
    {
      domains: 'off',
      ips: 'empty',
      from: 'missing_domain',
      gives: 'browser_not_allowed',
      because: 'the other list, empty or not',
    },
    {
      domains: 'off',
      ips: 'empty',
      from: 'listed_ip',
      gives: 'ip_list_empty',
      because: 'on and empty matches nobody',
    },
    {
      domains: 'off',
      ips: 'empty',
      from: 'unreadable_ip',
      gives: 'ip_list_empty',
      because: 'empty comes before unreadable',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'other_domain',
      gives: 'domain_not_listed',
      because: 'whatever its address',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'missing_domain',
      gives: 'domain_missing',
      because: 'whatever its address',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'unreadable_domain',
      gives: 'domain_unreadable',
      because: 'whatever its address',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'other_ip',
      gives: 'ip_not_listed',
      because: 'whatever its headers',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'unreadable_ip',
      gives: 'ip_unreadable',
      because: 'whatever its headers',
    },
    {
      domains: 'empty',
      ips: 'listing',
      from: 'listed_domain',
      gives: 'domain_list_empty',
      because: 'the other list does not help',
    },
    {
      domains: 'empty',
      ips: 'listing',
      from: 'other_ip',
      gives: 'ip_not_listed',
      because: 'the empty list is not consulted',
    },
    {
      domains: 'listing',
      ips: 'empty',
      from: 'listed_ip',
      gives: 'ip_list_empty',
      because: 'the other list does not help',
    },
    {
      domains: 'listing',
      ips: 'empty',
      from: 'other_domain',
      gives: 'domain_not_listed',
      because: 'the empty list is not consulted',
    },
    {
      domains: 'empty',
      ips: 'empty',
      from: 'listed_domain',
      gives: 'domain_list_empty',
      because: 'nobody',
    },
    {
      domains: 'empty',
      ips: 'empty',
      from: 'missing_domain',
      gives: 'domain_list_empty',
      because: 'nobody',
    },
    {
      domains: 'empty',
      ips: 'empty',
      from: 'listed_ip',
      gives: 'ip_list_empty',
      because: 'nobody',
    },
    {
      domains: 'empty',
      ips: 'empty',
      from: 'unreadable_ip',
      gives: 'ip_list_empty',
      because: 'nobody',
    },
  ])('domains $domains, ips $ips, $from: $gives, $because', ({ domains, ips, from, gives }) => {
    expect(decide(restrictions(domains, ips), SOURCES[from])).toEqual({
      effect: 'deny',
      reason: gives,
    })
  })
})

describe('allowed', () => {
  test.each<{ domains: Mode; ips: Mode; from: From; gives: string; because: string }>([
    {
      domains: 'listing',
      ips: 'off',
      from: 'listed_domain',
      gives: 'domain_listed',
      because: 'its domain is listed',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'listed_domain',
      gives: 'domain_listed',
      because: 'whatever its address',
    },
    {
      domains: 'listing',
      ips: 'empty',
      from: 'listed_domain',
      gives: 'domain_listed',
      because: 'the empty list is not consulted',
    },
    {
      domains: 'off',
      ips: 'listing',
      from: 'listed_ip',
      gives: 'ip_listed',
      because: 'its address is listed',
    },
    {
      domains: 'listing',
      ips: 'listing',
      from: 'listed_ip',
      gives: 'ip_listed',
      because: 'whatever its headers',
    },
    {
      domains: 'empty',
      ips: 'listing',
      from: 'listed_ip',
      gives: 'ip_listed',
      because: 'the empty list is not consulted',
    },
  ])('domains $domains, ips $ips, $from: $gives, $because', ({ domains, ips, from, gives }) => {
    expect(decide(restrictions(domains, ips), SOURCES[from])).toEqual({
      effect: 'allow',
      reason: gives,
    })
  })

  test.each(Object.entries(SOURCES))('both lists off: %s is unrestricted', (_, source) => {
    const decision = decide(restrictions('off', 'off'), source)
    expect(decision).toEqual({ effect: 'allow', reason: 'unrestricted' })
  })
})

test('nothing is allowed where the consulted list is empty', () => {
  const source = fc.oneof(
    fc.domain().map(browser),
    fc.oneof(fc.ipV4(), fc.ipV6()).map(server),
    fc.constantFrom(...Object.values(SOURCES)),
  )
  fc.assert(
    fc.property(source, fc.constantFrom<Mode>('off', 'empty', 'listing'), (from, other) => {
      const compiled =
        from.kind === 'browser' ? restrictions('empty', other) : restrictions(other, 'empty')
      expect(decide(compiled, from).effect).toBe('deny')
    }),
  )
})
