import { describe, expect, test } from 'vitest'
import { plainWords, worksFromText } from './plain-words.ts'
import { restrictionsOf } from './restrictions-fixture.ts'
import { strengthOf } from './strength.ts'
import { unsafeStates } from './unsafe-states.ts'

type Lists = readonly [domains: string[] | undefined, ips: string[] | undefined]

describe('what is true now, in plain words', () => {
  test.each<{ lists: Lists; gives: string; short: string; strength: string }>([
    {
      lists: [undefined, undefined],
      gives: 'Browser and server requests are allowed from anywhere.',
      short: 'anywhere',
      strength: 'open',
    },
    {
      lists: [['a.com', 'b.com'], undefined],
      gives: 'Browser requests must come from 2 domains. Server requests are refused.',
      short: '2 domains',
      strength: 'pages',
    },
    {
      lists: [undefined, ['8.8.8.8', '8.8.4.4']],
      gives: 'Browser requests are refused. Server requests must come from 2 addresses.',
      short: '2 IPs',
      strength: 'servers',
    },
    {
      lists: [['a.com'], ['8.8.8.8']],
      gives: 'Browser requests must come from 1 domain. Server requests must come from 1 address.',
      short: '1 domain, 1 IP',
      strength: 'both',
    },
    {
      lists: [[], ['8.8.8.8']],
      gives: 'Browser requests are refused. Server requests must come from 1 address.',
      short: '1 IP',
      strength: 'both',
    },
    {
      lists: [[], undefined],
      gives: 'Browser requests are refused. Server requests are refused.',
      short: 'nowhere',
      strength: 'pages',
    },
  ])('$gives', ({ lists, gives, short, strength }) => {
    const restrictions = restrictionsOf(...lists)
    expect(plainWords(restrictions)).toBe(gives)
    const worksFrom = worksFromText({ status: 'active', mode: 'enforce', restrictions })
    expect(worksFrom).toEqual({ text: short, isOpen: short === 'anywhere' })
    const revoked = { status: 'revoked', mode: 'report', restrictions } as const
    expect(worksFromText(revoked).text).toBe('nowhere')
    const reporting = { status: 'active', mode: 'report', restrictions } as const
    expect(worksFromText(reporting)).toEqual({
      text: short === 'anywhere' ? 'anywhere' : 'anywhere for now',
      isOpen: true,
    })
    expect(strengthOf(restrictions).level).toBe(strength)
  })
})

describe('what may surprise is said before saving', () => {
  test.each<{ from: Lists; to: Lists; gives: RegExp[]; because: string }>([
    {
      from: [['a.com'], undefined],
      to: [['a.com'], undefined],
      gives: [],
      because: 'nothing changes',
    },
    {
      from: [undefined, undefined],
      to: [[], undefined],
      gives: [/domain list is on and empty: all browser/, /Only the domain list.*server/],
      because: 'on and empty, and the other source is shut out as well',
    },
    {
      from: [undefined, undefined],
      to: [undefined, ['8.8.8.8']],
      gives: [/Only the IP list will be on: all browser requests will be refused/],
      because: 'the first list shuts out the other source',
    },
    {
      from: [['a.com'], ['8.8.8.8']],
      to: [undefined, undefined],
      gives: [/Both lists will be off/],
      because: 'nothing restricts it any more',
    },
    {
      from: [['a.com'], undefined],
      to: [['a.com'], ['8.8.8.8']],
      gives: [],
      because: 'a second list shuts nobody out',
    },
    {
      from: [['a.com'], ['8.8.8.8']],
      to: [['a.com'], undefined],
      gives: [/Only the domain list will be on: all server requests will be refused/],
      because: 'one of two went off, and its requests are not let through for that',
    },
    {
      from: [['a.com'], ['8.8.8.8']],
      to: [undefined, ['8.8.8.8']],
      gives: [/Only the IP list will be on: all browser requests will be refused/],
      because: 'the other way round',
    },
    {
      from: [['a.com'], undefined],
      to: [['a.com', 'b.com'], undefined],
      gives: [],
      because: 'the other source was shut out before',
    },
    {
      from: [undefined, ['8.8.8.8']],
      to: [undefined, []],
      gives: [/IP list is on and empty/],
      because: 'the last entry went',
    },
  ])('$because', ({ from, to, gives }) => {
    const [saved, draft] = [restrictionsOf(...from), restrictionsOf(...to)]
    const states = unsafeStates(saved, draft)
    expect(states).toHaveLength(gives.length)
    for (const [at, state] of states.entries()) expect(state).toMatch(gives[at] ?? /^$/)
    const later = states.map((state) =>
      state.replace(/will be refused\.$/, 'will be refused once the lists are enforced.'),
    )
    expect(unsafeStates(saved, draft, 'report')).toEqual(later)
  })
})
