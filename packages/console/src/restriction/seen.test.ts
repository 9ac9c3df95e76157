import type { Restrictions } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import { allowPlace, isListedPlace, placeOfSeen } from './lock-to-seen.ts'
import { restrictionsOf } from './restrictions-fixture.ts'
import { lastMatched, pagesOverHttp, seenSuggestions } from './seen-suggestions.ts'

type Seen = Parameters<typeof placeOfSeen>[0]

function seen(kind: Seen['kind'], value: string | null, lastAt = '2026-11-24T09:00:00.000Z'): Seen {
  const source = kind === 'address' || kind === 'ip_unreadable' ? 'server' : 'browser'
  return { kind, value, source, count: 3, allowed: 1, firstAt: lastAt, lastAt }
}

describe('where a call came from', () => {
  test.each<{ from: Seen; gives: string | undefined; because: string }>([
    {
      from: seen('domain', 'shop.example.com'),
      gives: 'domains shop.example.com',
      because: 'a page',
    },
    {
      from: seen('http_domain', 'shop.example.com'),
      gives: undefined,
      because: 'a page over http, which no entry matches',
    },
    { from: seen('address', '52.1.2.3'), gives: 'ips 52.1.2.3', because: 'a server' },
    { from: seen('domain_missing', null), gives: undefined, because: 'no entry names it' },
    {
      from: seen('domain_unreadable', null),
      gives: undefined,
      because: 'null, a file, an extension',
    },
    { from: seen('ip_unreadable', null), gives: undefined, because: 'nobody knows the address' },
    { from: seen('other', null), gives: undefined, because: 'too many to be told apart' },
  ])('$because gives $gives', ({ from, gives }) => {
    const place = placeOfSeen(from)
    expect(place === undefined ? undefined : `${place.kind} ${place.value}`).toBe(gives)
  })
})

describe('a place that was refused', () => {
  const domains = (enabled: boolean, value: string, subdomains: boolean): Restrictions => {
    const list = { enabled, entries: [{ value, label: '', subdomains }] }
    return { ...restrictionsOf(undefined, undefined), domains: list }
  }
  test.each<{ now: Restrictions; listed: boolean; because: string }>([
    { now: domains(true, 'other.com', true), listed: false, because: 'another one is listed' },
    { now: domains(true, 'a.com', false), listed: false, because: 'its subdomains are not meant' },
    { now: domains(true, 'op.a.com', true), listed: false, because: 'a shared end is no match' },
    { now: domains(false, 'shop.a.com', false), listed: false, because: 'its list is off' },
    { now: domains(true, 'shop.a.com', false), listed: true, because: 'it is listed by now' },
    { now: domains(true, 'a.com', true), listed: true, because: 'a listed one covers it' },
    { now: domains(true, '*.a.com', false), listed: true, because: 'a wildcard covers it' },
  ])('is listed: $listed, as $because', ({ now, listed }) => {
    expect(isListedPlace(now, { kind: 'domains', value: 'shop.a.com' })).toBe(listed)
  })
})

describe('locking to a place', () => {
  test('lists it, turns its list on, and leaves the other alone', () => {
    const locked = allowPlace(restrictionsOf(['a.com'], undefined), {
      kind: 'ips',
      value: '52.1.2.3',
    })
    expect(locked).toEqual(restrictionsOf(['a.com'], ['52.1.2.3']))
  })
  test('twice is as once', () => {
    const once = restrictionsOf(undefined, ['52.1.2.3'])
    expect(allowPlace(once, { kind: 'ips', value: '52.1.2.3' })).toEqual(once)
  })
})

describe('what was seen', () => {
  const all = [seen('domain', 'a.com'), seen('address', '52.1.2.3'), seen('other', null)]
  test('is offered to the list that it belongs to, unless it stands there', () => {
    expect(seenSuggestions(all, 'domains', []).map(({ value }) => value)).toEqual(['a.com'])
    expect(seenSuggestions(all, 'ips', []).map(({ value }) => value)).toEqual(['52.1.2.3'])
    expect(seenSuggestions(all, 'domains', [{ value: 'a.com', label: '' }])).toEqual([])
  })
  test('over http alone is named apart, and neither offered nor counted as a match', () => {
    const pages = [
      seen('http_domain', 'a.com'),
      seen('domain', 'b.com'),
      seen('address', '8.8.8.8'),
    ]
    expect(seenSuggestions(pages, 'domains', []).map(({ value }) => value)).toEqual(['b.com'])
    expect(lastMatched({ value: 'a.com', label: '' }, pages)).toBeUndefined()
    expect([...pagesOverHttp(pages)]).toEqual(['a.com'])
    expect([...pagesOverHttp([...pages, seen('domain', 'a.com')])]).toEqual([])
  })

  const noon = '2026-11-24T12:00:00.000Z'
  test.each<{ value: string; subdomains?: boolean; gives: string | undefined; because: string }>([
    { value: 'a.com', gives: '2026-11-24T09:00:00.000Z', because: 'the domain itself' },
    { value: 'a.com', subdomains: true, gives: noon, because: 'the later one of its subdomains' },
    { value: '*.a.com', gives: noon, because: 'below a wildcard' },
    { value: 'b.com', gives: undefined, because: 'never seen' },
    { value: 'www.a.co', gives: undefined, because: 'a shared beginning is no match' },
  ])('$value last matched $gives: $because', ({ value, subdomains = false, gives }) => {
    const calls = [seen('domain', 'a.com'), seen('domain', 'www.a.com', noon)]
    expect(lastMatched({ value, subdomains, label: '' }, calls)).toBe(gives)
  })
})
