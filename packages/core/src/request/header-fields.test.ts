import { describe, expect, test } from 'vitest'
import {
  fieldValues,
  isFieldNamed,
  isUnreadable,
  lowerCaseAscii,
  trimBlanks,
} from './header-fields.ts'

describe('field names', () => {
  test.each<{ name: string; because: string }>([
    { name: 'X_Forwarded_For', because: 'underscores are not hyphens' },
    { name: 'X.Forwarded.For', because: 'dots are not hyphens' },
    { name: 'X-Forwarded-For ', because: 'a blank behind is another character' },
    { name: ' X-Forwarded-For', because: 'a blank in front is another character' },
    { name: 'X-Forwarded-Fo\u212a', because: 'no folding beyond ASCII' },
    { name: '\u00a0X-Forwarded-For', because: 'a no-break space is another character' },
    { name: 'X-Forwarded', because: 'a shared beginning' },
    { name: '', because: 'no name' },
  ])('$name is another field: $because', ({ name }) => {
    expect(isFieldNamed(name, 'x-forwarded-for')).toBe(false)
  })

  test('ASCII case alone does not matter', () => {
    expect(isFieldNamed('X-FORWARDED-for', 'x-forwarded-for')).toBe(true)
    expect(isFieldNamed('AZ', 'az')).toBe(true)
    // U+212A is KELVIN SIGN, which toLowerCase turns into the letter k.
    expect(isFieldNamed('x-\u212aey', 'x-key')).toBe(false)
    expect(lowerCaseAscii('A\u212aZ\u0130')).toBe('a\u212az\u0130')
    expect(lowerCaseAscii('\u212a')).toBe('\u212a')
    expect(lowerCaseAscii('AbZ-_@[')).toBe('abz-_@[')
  })
})

test('values of repeated lines come in order, trimmed', () => {
  const fields = ['A', ' 1\t', 'b', '2', 'a', '', 'A', '\t \t', 'a', '3 4']
  expect(fieldValues(fields, 'a')).toEqual(['1', '', '', '3 4'])
  expect(fieldValues(fields, 'c')).toEqual([])
})

test('a value is never taken for a name', () => {
  expect(fieldValues(['x', 'origin', 'origin', 'y'], 'origin')).toEqual(['y'])
})

test('a last name without a value counts as present and empty', () => {
  expect(fieldValues(['Host', 'a', 'Origin'], 'origin')).toEqual([''])
})

test('only SP and HTAB are trimmed', () => {
  expect(trimBlanks('\t a b \t')).toBe('a b')
  expect(trimBlanks('a ')).toBe('a')
  expect(trimBlanks(' \t ')).toBe('')
  expect(trimBlanks('\u00a0a\n')).toBe('\u00a0a\n')
})

test.each<{ value: string; unreadable: boolean; because: string }>([
  { value: 'a\u0000', unreadable: true, because: 'NUL' },
  { value: 'a\nb', unreadable: true, because: 'a line break' },
  { value: 'a\u001f', unreadable: true, because: 'the last control character' },
  { value: 'a\u007f', unreadable: true, because: 'DEL' },
  { value: '\u0080', unreadable: true, because: 'above U+007E' },
  { value: '\u{1f600}', unreadable: true, because: 'far above U+007E' },
  { value: 'a\tb', unreadable: false, because: 'HTAB may stand inside' },
  { value: ' ~', unreadable: false, because: 'the first and last readable character' },
  { value: '', unreadable: false, because: 'nothing to object to' },
])('$value unreadable: $unreadable, $because', ({ value, unreadable }) => {
  expect(isUnreadable(value)).toBe(unreadable)
})
