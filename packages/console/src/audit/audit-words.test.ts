import { expect, test } from 'vitest'
import { actorText, detailLines, targetText } from './audit-words.ts'

const NAMES = new Map([
  ['adm_1', 'Ann'],
  ['tok_1', 'Shop'],
])
const LONG = 'key_019a2b3c-0000-7000-8000-0000000abcde'

test.each([
  { actor: 'adm_1', is: 'Ann', because: 'an administrator by name' },
  { actor: 'operator', is: 'Somebody on the server', because: 'the command line' },
  { actor: 'por_1', is: 'acme, in the portal,', because: 'an owner, by a link' },
  { actor: LONG, is: 'key_…0abcde', because: 'a key that is not listed any more' },
])('$actor is $is: $because', ({ actor, is }) => {
  expect(actorText({ actor, owner: 'acme' }, NAMES)).toBe(is)
})

test.each([
  { target: 'tok_1', details: { name: 'Old' }, is: 'Shop', because: 'its name now' },
  { target: 'tok_2', details: { name: 'Gone' }, is: 'Gone', because: 'its name then' },
  { target: LONG, details: { name: 7 }, is: 'key_…0abcde', because: 'no name is known' },
])('$target is $is: $because', ({ target, details, is }) => {
  expect(targetText({ target, details }, NAMES)).toBe(is)
})

test('details are lines, texts as they are', () => {
  expect(detailLines({ details: { name: 'x', to: ['a'] } })).toEqual(['name: x', 'to: ["a"]'])
})
