import { expect, test } from 'vitest'
import { restrictionsOf } from './restrictions-fixture.ts'
import { splitLists } from './split-lists.ts'
import { strengthOf } from './strength.ts'

const OFF = undefined

test.each([
  {
    saved: restrictionsOf(['a.com'], ['8.8.8.8']),
    draft: restrictionsOf(['a.com'], ['8.8.8.8']),
    moved: 'ips',
    strengths: ['pages', 'servers'],
    because: 'pages are harder to bring a new secret to',
  },
  {
    saved: restrictionsOf(['a.com'], OFF),
    draft: restrictionsOf(['a.com'], ['8.8.8.8']),
    moved: 'ips',
    strengths: ['pages', 'servers'],
    because: 'the addresses are what was just switched on',
  },
  {
    saved: restrictionsOf(OFF, ['8.8.8.8']),
    draft: restrictionsOf(['a.com'], ['8.8.8.8']),
    moved: 'domains',
    strengths: ['servers', 'pages'],
    because: 'the domains are, and servers keep their secret',
  },
  {
    saved: restrictionsOf(OFF, OFF),
    draft: restrictionsOf(['a.com'], []),
    moved: 'ips',
    strengths: ['pages', 'servers'],
    because: 'an empty list that is on stays on, and refuses everybody',
  },
] as const)('$moved move: $because', ({ saved, draft, moved, strengths }) => {
  const split = splitLists(saved, draft)
  expect(split.moved).toBe(moved)
  expect([strengthOf(split.first).level, strengthOf(split.second).level]).toEqual(strengths)
  expect(split.second[moved]).toEqual(draft[moved])
  expect(split.first[moved]).toEqual({ ...saved[moved], enabled: false })
})
