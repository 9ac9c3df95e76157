import { expect, test } from 'vitest'
import { parseContentLength } from './content-length.ts'

test.each<{ value: string; gives: number }>([
  { value: '0', gives: 0 },
  { value: '1048576', gives: 1_048_576 },
  { value: '007', gives: 7 },
  { value: '9007199254740991', gives: 2 ** 53 - 1 },
])('$value octets', ({ value, gives }) => {
  expect(parseContentLength(value)).toBe(gives)
})

test.each<{ value: string; because: string }>([
  { value: '', because: 'nothing' },
  { value: '+5', because: 'a sign' },
  { value: '-5', because: 'less than nothing' },
  { value: '5, 5', because: 'a list, even of equals' },
  { value: '5 5', because: 'a blank' },
  { value: ' 5', because: 'a blank before it' },
  { value: '5\n', because: 'a line end' },
  { value: '5.0', because: 'a fraction' },
  { value: '5e3', because: 'an exponent' },
  { value: '0x5', because: 'another base' },
  { value: '\u0665', because: 'a digit of another script' },
  { value: '9007199254740992', because: 'more than can be counted exactly' },
  { value: '9'.repeat(400), because: 'more than a number' },
])('$value is no length: $because', ({ value }) => {
  expect(parseContentLength(value)).toBeUndefined()
})
