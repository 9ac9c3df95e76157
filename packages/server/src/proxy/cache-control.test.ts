import { expect, test } from 'vitest'
import { isTargetedCacheControl, privateCacheControl } from './cache-control.ts'

test.each<{ from: string[]; gives: string; because: string }>([
  { from: [], gives: 'private', because: 'nothing said lets a shared cache guess' },
  { from: [''], gives: 'private', because: 'empty is nothing' },
  { from: ['public'], gives: 'private', because: 'in place of public' },
  { from: ['Public, Max-Age=60'], gives: 'private, Max-Age=60', because: 'in any case' },
  { from: ['s-maxage=600, max-age=5'], gives: 'private, max-age=5', because: 'a shared age goes' },
  { from: ['max-age=60'], gives: 'private, max-age=60', because: 'an age alone is for everybody' },
  { from: ['no-cache'], gives: 'private, no-cache', because: 'no-cache may be stored' },
  { from: ['private, max-age=5'], gives: 'private, max-age=5', because: 'it is there already' },
  { from: ['no-store'], gives: 'no-store', because: 'stronger than private' },
  { from: ['public, no-store'], gives: 'no-store', because: 'public goes all the same' },
  { from: ['public', 'max-age=5'], gives: 'private, max-age=5', because: 'two lines are one list' },
  {
    from: ['private="set-cookie, x", max-age=5'],
    gives: 'private, max-age=5',
    because: 'a qualified private leaves the rest to shared caches',
  },
  {
    from: ['no-cache="public, a", public'],
    gives: 'private, no-cache="public, a"',
    because: 'a quoted list is one argument',
  },
  {
    from: ['x="a\\", public, b"'],
    gives: 'private, x="a\\", public, b"',
    because: 'an escaped quote ends nothing',
  },
  { from: [',, public ,'], gives: 'private', because: 'empty members say nothing' },
])('$from gives $gives: $because', ({ from, gives }) => {
  expect(privateCacheControl(from)).toBe(gives)
})

test.each<[string, boolean]>([
  ['cdn-cache-control', true],
  ['cloudflare-cdn-cache-control', true],
  ['surrogate-control', true],
  ['x-accel-expires', true],
  ['edge-control', true],
  ['cache-control', false],
  ['expires', false],
])('%s overrides Cache-Control for shared caches: %s', (name, isTargeted) => {
  expect(isTargetedCacheControl(name)).toBe(isTargeted)
})
