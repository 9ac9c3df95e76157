import { expect, test } from 'vitest'
import { memberText } from './member-text.ts'

test.each<{ json: string; gives: string | undefined; because: string }>([
  { json: '{"id":1}', gives: '1', because: 'alone' },
  {
    json: ' { "a" : [1,{"id":2}] , "id" : 12345678901234567890 , "b":0 }',
    gives: '12345678901234567890',
    because: 'among others, a nested one is not it',
  },
  {
    json: '{"id":{"a":"}","b":["]"]},"x":1}',
    gives: '{"a":"}","b":["]"]}',
    because: 'brackets within strings',
  },
  { json: '{"id":"a\\"b\\\\","x":1}', gives: '"a\\"b\\\\"', because: 'escaped quotes' },
  { json: '{"i\\u0064":true}', gives: 'true', because: 'an escaped name' },
  { json: '{"id":1,"id":[2]}', gives: '[2]', because: 'the last of two' },
  { json: '{"id":-1.5e+3}', gives: '-1.5e+3', because: 'a number as written' },
  { json: '{"x":"\\"id\\":3"}', gives: undefined, because: 'within a string' },
  { json: '{}', gives: undefined, because: 'no members' },
])('$gives: $because', ({ json, gives }) => {
  expect(JSON.parse(json)).toBeTypeOf('object')
  expect(memberText(json, 'id')).toBe(gives)
})

test('a value nested deeper than a stack comes through', () => {
  const deep = '['.repeat(300_000) + ']'.repeat(300_000)
  expect(memberText(`{"id":${deep}}`, 'id')).toBe(deep)
})
