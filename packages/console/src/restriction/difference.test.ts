import { describe, expect, test } from 'vitest'
import { difference } from './difference.ts'
import { mergeRestrictions, withEntries, withSwitch } from './draft.ts'
import { restrictionsOf } from './restrictions-fixture.ts'

describe('the difference', () => {
  const before = restrictionsOf(['a.com', 'b.com'], undefined)

  test('of equal lists is nothing', () => expect(difference(before, before)).toEqual([]))

  test('names switches, then what went, came and changed', () => {
    const labelled = withEntries(before, 'domains', [
      { value: 'a.com', label: 'shop', subdomains: true },
      { value: 'c.com', label: '', subdomains: false },
    ])
    expect(difference(before, withSwitch(labelled, 'ips', true))).toEqual([
      { kind: 'removed', text: 'b.com' },
      { kind: 'added', text: 'c.com' },
      { kind: 'changed', text: 'a.com → a.com and its subdomains (shop)' },
      { kind: 'changed', text: 'IP list: off → on' },
    ])
  })

  test('a list that is switched off keeps its entries', () => {
    const off = withSwitch(before, 'domains', false)
    expect(difference(before, off)).toEqual([{ kind: 'changed', text: 'Domain list: on → off' }])
  })
})

describe('two people who edit at once', () => {
  const base = restrictionsOf(['a.com', 'b.com'], undefined)
  test.each<{ mine: string[]; theirs: string[]; gives: string[]; because: string }>([
    {
      mine: ['a.com', 'b.com'],
      theirs: ['a.com', 'b.com', 'c.com'],
      gives: ['a.com', 'b.com', 'c.com'],
      because: 'I changed nothing',
    },
    {
      mine: ['a.com', 'b.com', 'm.com'],
      theirs: ['a.com', 'b.com'],
      gives: ['a.com', 'b.com', 'm.com'],
      because: 'they changed nothing',
    },
    {
      mine: ['a.com', 'b.com', 'm.com'],
      theirs: ['a.com', 'b.com', 't.com'],
      gives: ['a.com', 'b.com', 't.com', 'm.com'],
      because: 'both added',
    },
    {
      mine: ['b.com'],
      theirs: ['a.com', 'b.com', 't.com'],
      gives: ['b.com', 't.com'],
      because: 'what I removed stays removed',
    },
    {
      mine: ['a.com', 'b.com', 'm.com'],
      theirs: ['a.com'],
      gives: ['a.com', 'm.com'],
      because: 'what they removed stays removed',
    },
    {
      mine: ['a.com', 'b.com', 'x.com'],
      theirs: ['a.com', 'b.com', 'x.com'],
      gives: ['a.com', 'b.com', 'x.com'],
      because: 'both added the same',
    },
  ])('$because', ({ mine, theirs, gives }) => {
    const merged = mergeRestrictions({
      base,
      mine: restrictionsOf(mine, undefined),
      theirs: restrictionsOf(theirs, undefined),
    })
    expect(merged.domains.entries.map(({ value }) => value)).toEqual(gives)
  })

  test('a switch that I turned stays turned, and one that they turned too', () => {
    const mine = withSwitch(base, 'domains', false)
    const theirs = withSwitch(base, 'ips', true)
    const merged = mergeRestrictions({ base, mine, theirs })
    expect([merged.domains.enabled, merged.ips.enabled]).toEqual([false, true])
  })

  test('my label survives their change of another entry', () => {
    const mine = withEntries(base, 'domains', [
      { value: 'a.com', label: 'mine', subdomains: false },
      { value: 'b.com', label: '', subdomains: false },
    ])
    const merged = mergeRestrictions({ base, mine, theirs: restrictionsOf(['a.com'], undefined) })
    expect(merged.domains.entries).toEqual([{ value: 'a.com', label: 'mine', subdomains: false }])
  })
})
