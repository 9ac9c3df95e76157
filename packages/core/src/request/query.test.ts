import { describe, expect, test } from 'vitest'
import { queryValues, withoutQueryParameter } from './query.ts'

test.each<{ target: string; values: string[]; because: string }>([
  { target: '/', values: [], because: 'no query' },
  { target: '/?', values: [], because: 'an empty query' },
  { target: '/token=a', values: [], because: 'a path is no query' },
  { target: '/a&token=b', values: [], because: 'a path is no query, whatever divides it' },
  { target: '/?Token=a', values: [], because: 'case counts' },
  { target: '/?tok%65n=a', values: ['a'], because: 'an escaped name is the same to an upstream' },
  { target: '/?xtoken=a&token2=b', values: [], because: 'other names' },
  { target: '/?a=token=b', values: [], because: 'a value is no name' },
  { target: '/?token', values: [''], because: 'no value' },
  { target: '/?token=', values: [''], because: 'an empty value' },
  {
    target: '/?token=%zz',
    values: ['%zz'],
    because: 'broken escapes stay as they are',
  },
  { target: '/?token=%ff', values: ['\ufffd'], because: 'what is no UTF-8 is no token' },
  { target: '/?token=a%20b', values: ['a b'], because: 'escapes are decoded' },
  { target: '/?token=a+b', values: ['a b'], because: 'a plus is a blank in a form' },
  { target: '/?token=a=b', values: ['a=b'], because: 'the first equals sign divides' },
  { target: '/?a&token=b&c&token=d', values: ['b', 'd'], because: 'in order, repetitions kept' },
  { target: '/?a?token=b', values: [], because: 'the first question mark divides' },
])('$target holds $values: $because', ({ target, values }) => {
  expect(queryValues(target, 'token')).toEqual(values)
})

describe('a target without the parameter', () => {
  test.each<{ target: string; left: string; because: string }>([
    { target: '/p', left: '/p', because: 'no query' },
    { target: '/p?', left: '/p?', because: 'nothing to remove, octet for octet' },
    { target: '/p?a&&b=%zz', left: '/p?a&&b=%zz', because: 'nothing to remove, octet for octet' },
    { target: '/p?Token=a', left: '/p?Token=a', because: 'another name' },
    { target: '/p?token=a', left: '/p', because: 'nothing else was there' },
    { target: '/p?token', left: '/p', because: 'no value' },
    { target: '/p?tok%65n=a&b', left: '/p?b', because: 'in any spelling' },
    { target: '/p??token=a', left: '/p??token=a', because: 'its name begins with a mark' },
    { target: '/p?token=a&token=b', left: '/p', because: 'both go' },
    { target: '/p?a=%2f&token=x&b', left: '/p?a=%2f&b', because: 'the rest stays as it was' },
    { target: '/p?token=x&', left: '/p?', because: 'an empty parameter stays' },
    { target: '/p?a=1?token=b&token=c', left: '/p?a=1?token=b', because: 'a value stays' },
  ])('$target leaves $left: $because', ({ target, left }) => {
    expect(withoutQueryParameter(target, 'token')).toBe(left)
  })
})
