import { describe, expect, test } from 'vitest'
import { isPort, parseAuthority } from './authority.ts'

describe('what names no domain', () => {
  test.each<{ authority: string; because: string }>([
    { authority: '', because: 'nothing' },
    { authority: ':80', because: 'no host' },
    { authority: 'example.com:', because: 'an empty port' },
    { authority: 'example.com:65536', because: 'a port above 65535' },
    { authority: 'example.com:000080', because: 'six digits' },
    { authority: 'example.com:-1', because: 'a sign' },
    { authority: 'example.com:8a', because: 'a letter' },
    { authority: 'example.com: 80', because: 'a blank' },
    { authority: 'example.com:80 ', because: 'a blank behind' },
    { authority: 'example.com:80\n', because: 'a line break behind' },
    { authority: 'example.com:٨٠', because: 'Arabic digits' },
    { authority: 'example.com:80:80', because: 'two ports' },
    { authority: '203.0.113.7:80', because: 'an IPv4 address' },
    { authority: '[2001:db8::1]:80', because: 'an IPv6 address' },
    { authority: '2001:80', because: 'the beginning of an IPv6 address' },
  ])('$authority: $because', ({ authority }) => {
    expect(parseAuthority(authority)).toBeUndefined()
  })
})

test.each<{ authority: string; because: string }>([
  { authority: 'example.com', because: 'no port' },
  { authority: 'example.com:0', because: 'the first port' },
  { authority: 'example.com:65535', because: 'the last port' },
  { authority: 'example.com:00080', because: 'leading zeros are digits' },
  { authority: 'example.com.:443', because: 'a trailing dot before the port' },
])('$authority is example.com: $because', ({ authority }) => {
  expect(parseAuthority(authority)).toBe('example.com')
})

test('a port has one to five digits', () => {
  expect(['0', '65535', '00000'].map(isPort)).toEqual([true, true, true])
  expect(['', '65536', '99999', '123456', '1.0'].map(isPort)).toEqual(Array(5).fill(false))
})
