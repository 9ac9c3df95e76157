import { getPublicSuffix } from 'tldts'
import { describe, expect, test } from 'vitest'
import { type Domain, parseDomain } from '../domain/domain.ts'
import { hasPublicSuffixBelow, isPublicSuffix } from './public-suffix.ts'

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  if (parsed === undefined) throw new Error(`no domain: ${text}`)
  return parsed
}

describe('public suffixes', () => {
  test.each<{ name: string; is: boolean; because: string }>([
    { name: 'com', is: true, because: 'a top-level domain' },
    { name: 'co.uk', is: true, because: 'a rule of two labels' },
    { name: 'vercel.app', is: true, because: 'the private section counts' },
    { name: 's3.amazonaws.com', is: true, because: 'the private section counts' },
    { name: 'internal', is: true, because: 'the default rule *' },
    { name: 'x.kawasaki.jp', is: true, because: 'the rule *.kawasaki.jp' },
    { name: 'a_b', is: true, because: 'the default rule *, an underscore or not' },
    { name: 'xn--p1ai', is: true, because: 'in A-labels' },
    { name: 'city.kawasaki.jp', is: false, because: 'the exception !city.kawasaki.jp' },
    { name: 'www.ck', is: false, because: 'the exception !www.ck' },
    { name: 'example.com', is: false, because: 'one below' },
    { name: 'my.vercel.app', is: false, because: 'one below' },
    { name: 'foo.internal', is: false, because: 'one below the default rule' },
    { name: 'amazonaws.com', is: false, because: 'only above suffixes' },
  ])('$name: $is, $because', ({ name, is }) => {
    expect(isPublicSuffix(domain(name))).toBe(is)
  })
})

describe('names with a public suffix below', () => {
  test.each<{ name: string; has: boolean; because: string }>([
    { name: 'amazonaws.com', has: true, because: 's3.amazonaws.com' },
    { name: 'kawasaki.jp', has: true, because: '*.kawasaki.jp' },
    { name: 'uk', has: true, because: 'co.uk' },
    { name: 'com', has: true, because: 'suffixes of the private section' },
    { name: 'app', has: true, because: 'vercel.app' },
    { name: 'example.com', has: false, because: 'an ordinary name' },
    { name: 'vercel.app', has: false, because: 'a suffix with none below' },
    { name: 'my.vercel.app', has: false, because: 'below a suffix' },
    { name: 'internal', has: false, because: 'not on the list' },
    { name: 'xamazonaws.com', has: false, because: 'a shared ending' },
  ])('$name: $has, $because', ({ name, has }) => {
    expect(hasPublicSuffixBelow(domain(name))).toBe(has)
  })

  test('the list that is read is the list that tldts answers from', () => {
    const suffixes = [
      's3.us-east-1.amazonaws.com',
      'co.uk',
      'k12.ma.us',
      'pvt.k12.ma.us',
      'github.io',
    ]
    for (const suffix of suffixes) {
      expect(getPublicSuffix(suffix, { allowPrivateDomains: true })).toBe(suffix)
      const parent = suffix.slice(suffix.indexOf('.') + 1)
      expect(hasPublicSuffixBelow(domain(parent))).toBe(true)
    }
  })
})
