import { describe, expect, test } from 'vitest'
import { isBrowser, readEvidence } from './evidence.ts'

const NOTHING = { origins: [], referers: [], forwardedFor: [], hasFetchSite: false }

describe('what is no evidence of a browser', () => {
  test.each<{ name: string; because: string }>([
    { name: 'Sec-Fetch-Mode', because: "Node's fetch sends it" },
    { name: 'Sec-Fetch-Dest', because: 'nothing but the three fields counts' },
    { name: 'Sec-Fetch-User', because: 'nothing but the three fields counts' },
    { name: 'User-Agent', because: 'anybody can write one' },
    { name: 'Cookie', because: 'servers keep cookies too' },
    { name: 'Accept-Language', because: 'Deno and git send it' },
    { name: 'Referrer', because: 'the field has its own spelling' },
    { name: 'Referer ', because: 'a blank makes another name' },
    { name: 'Origin:', because: 'a colon makes another name' },
    { name: 'X-Origin', because: 'another name' },
    { name: 'Origim', because: 'another name of the same length' },
    { name: 'Refered', because: 'another name of the same length' },
    { name: 'Sec_Fetch_Site', because: 'underscores are not hyphens' },
    { name: 'X_Forwarded_For', because: 'underscores are not hyphens' },
    { name: 'Sec-Fetch-Site2', because: 'a longer name of the same length as X-Forwarded-For' },
    { name: 'Forwarded', because: 'never read' },
    { name: 'X-Real-IP', because: 'never read' },
    { name: '__proto__', because: 'a name that objects know' },
  ])('$name: $because', ({ name }) => {
    const evidence = readEvidence([name, 'https://example.com'])
    expect(evidence).toEqual(NOTHING)
    expect(isBrowser(evidence)).toBe(false)
  })

  test('no field at all', () => {
    expect(readEvidence([])).toEqual(NOTHING)
  })

  test('X-Forwarded-For is kept and says nothing of browsers', () => {
    const evidence = readEvidence(['X-Forwarded-For', ' 8.8.8.8', 'x-forwarded-for', '8.8.4.4 '])
    expect(evidence).toEqual({ ...NOTHING, forwardedFor: ['8.8.8.8', '8.8.4.4'] })
    expect(isBrowser(evidence)).toBe(false)
  })
})

describe('one of three fields makes a browser, whatever its value', () => {
  test.each<{ fields: string[]; because: string }>([
    { fields: ['Origin', 'https://example.com'], because: 'an origin' },
    { fields: ['Origin', 'null'], because: 'an opaque origin' },
    { fields: ['Origin', ''], because: 'an empty origin' },
    { fields: ['oRIGIN', ' \t'], because: 'a blank origin, name in any case' },
    { fields: ['Referer', 'https://example.com/'], because: 'a referer' },
    { fields: ['REFERER', ''], because: 'an empty referer' },
    { fields: ['Sec-Fetch-Site', 'cross-site'], because: 'fetch metadata' },
    { fields: ['sec-fetch-site', ''], because: 'empty fetch metadata' },
    { fields: ['Sec-Fetch-Site', 'none'], because: 'an address bar is a browser too' },
    { fields: ['Host', 'a', 'Origin'], because: 'a name without a value is there' },
  ])('$fields: $because', ({ fields }) => {
    expect(isBrowser(readEvidence(fields))).toBe(true)
  })

  test('order and repetition are kept, values trimmed', () => {
    const fields = ['Origin', ' b ', 'Referer', 'd', 'ORIGIN', 'a', 'referer', '\tc', 'Origin', '']
    expect(readEvidence(fields)).toEqual({
      ...NOTHING,
      origins: ['b', 'a', ''],
      referers: ['d', 'c'],
    })
  })
})
