import { UNRESTRICTED } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import type { Seen, SeenKind } from './seen.ts'
import { restrictedTo } from '../token/restrictions-fixture.ts'
import { previewRestrictions } from './preview-restrictions.ts'

const ANY_ORIGIN = { httpsOriginsOnly: false }

function seen(kind: SeenKind, value = '', more: Partial<Seen> = {}): Seen {
  return { kind, value, count: 1, allowed: 1, firstAt: 10, lastAt: 20, ...more }
}

describe('a value that was seen', () => {
  const both = restrictedTo({ domains: ['example.com', '*.shop.com'], ips: ['8.8.8.8'] })

  test.each<{
    value: Seen
    restrictions: ReturnType<typeof restrictedTo>
    settings?: typeof ANY_ORIGIN
    gives: string
    because: string
  }>([
    {
      value: seen('domain', 'evil.com'),
      restrictions: both,
      gives: 'domain_not_listed',
      because: 'not listed',
    },
    {
      value: seen('domain', 'shop.com'),
      restrictions: both,
      gives: 'domain_not_listed',
      because: 'a wildcard does not cover the bare domain',
    },
    {
      value: seen('address', '8.8.4.4'),
      restrictions: both,
      gives: 'ip_not_listed',
      because: 'not listed',
    },
    {
      value: seen('domain_missing'),
      restrictions: both,
      gives: 'domain_missing',
      because: 'a browser that names no page',
    },
    {
      value: seen('domain_unreadable'),
      restrictions: both,
      gives: 'domain_unreadable',
      because: 'a page without a domain',
    },
    {
      value: seen('ip_unreadable'),
      restrictions: both,
      gives: 'ip_unreadable',
      because: 'an address that cannot be told',
    },
    {
      value: seen('http_domain', 'example.com'),
      restrictions: both,
      settings: { httpsOriginsOnly: true },
      gives: 'domain_not_listed',
      because: 'pages over http do not match',
    },
    {
      value: seen('address', '8.8.8.8'),
      restrictions: restrictedTo({ domains: ['example.com'] }),
      gives: 'server_not_allowed',
      because: 'the domain list alone shuts servers out',
    },
    {
      value: seen('domain', 'example.com'),
      restrictions: restrictedTo({ ips: ['8.8.8.8'] }),
      gives: 'browser_not_allowed',
      because: 'the IP list alone shuts browsers out',
    },
    {
      value: seen('domain', 'example.com'),
      restrictions: restrictedTo({ domains: [] }),
      gives: 'domain_list_empty',
      because: 'an empty list matches nobody',
    },
    {
      value: seen('http_domain', 'example.com'),
      restrictions: both,
      gives: 'domain_listed',
      because: 'the setting is off by now',
    },
    {
      value: seen('domain', 'a.shop.com'),
      restrictions: both,
      gives: 'domain_listed',
      because: 'below the wildcard',
    },
    {
      value: seen('address', '8.8.8.8'),
      restrictions: both,
      gives: 'ip_listed',
      because: 'the listed address',
    },
    {
      value: seen('domain_missing'),
      restrictions: UNRESTRICTED,
      gives: 'unrestricted',
      because: 'both lists are off',
    },
  ])('$value.kind "$value.value" is $gives: $because', ({ gives, ...row }) => {
    const { values } = previewRestrictions(
      row.restrictions,
      [row.value],
      row.settings ?? ANY_ORIGIN,
    )
    expect(values.map(({ decision }) => decision.reason)).toEqual([gives])
  })
})

test('calls add up: refused, newly refused, newly allowed, and those of which nothing is known', () => {
  const preview = previewRestrictions(
    restrictedTo({ domains: ['good.com'] }),
    [
      seen('domain', 'evil.com', { count: 10, allowed: 7, firstAt: 30 }),
      seen('domain', 'good.com', { count: 5, allowed: 3, firstAt: 20 }),
      seen('address', '8.8.8.8', { count: 2, allowed: 0, firstAt: 40 }),
      seen('other', '', { count: 100, allowed: 100, firstAt: 1 }),
    ],
    ANY_ORIGIN,
  )
  expect(preview).toMatchObject({
    since: 20,
    calls: 17,
    refused: 12,
    newlyRefused: 7,
    newlyAllowed: 2,
    unknown: 100,
  })
  expect(preview.values).toHaveLength(3)
})

test('where nothing was seen, nothing is said', () => {
  const preview = previewRestrictions(UNRESTRICTED, [], ANY_ORIGIN)
  expect(preview).toEqual({
    since: undefined,
    calls: 0,
    refused: 0,
    newlyRefused: 0,
    newlyAllowed: 0,
    unknown: 0,
    values: [],
  })
})
