import { expect, test } from 'vitest'
import { ENTRY_CODES, readEntryText } from './entry-problem.ts'

test('the codes of spec §11, in its order', () => {
  expect(ENTRY_CODES.join(' ')).toBe(
    'not_text entry_empty domain_syntax domain_is_ip domain_scheme domain_user_info domain_single_label domain_public_suffix domain_wildcard domain_too_long ip_syntax ip_has_port ip_special ip_range_not_allowed ip_range_too_wide ip_range_special entry_duplicate entries_too_many',
  )
})

test.each<{ input: unknown; code: string; because: string }>([
  { input: 5, code: 'not_text', because: 'a number' },
  {
    input: { toString: () => 'example.com' },
    code: 'not_text',
    because: 'what only looks like text',
  },
  { input: new String('example.com'), code: 'not_text', because: 'an object around text' },
  { input: '', code: 'entry_empty', because: 'nothing' },
  { input: '\u0085\u1680\u2007\u202f', code: 'entry_empty', because: 'white space of all kinds' },
])('$input is $code: $because', ({ input, code }) => {
  expect(readEntryText(input, 'example.com')).toMatchObject({ ok: false, problem: { code } })
})

test('white space goes from the ends alone', () => {
  expect(readEntryText('\ufeff\t\u0085 a\u00a0b \u2029\ufeff', '')).toEqual({
    ok: true,
    value: 'a\u00a0b',
  })
  expect(readEntryText('a b', '')).toEqual({ ok: true, value: 'a b' })
  // U+200B and U+180E are no white space to Unicode.
  expect(readEntryText('\u200ba\u180e', '')).toEqual({ ok: true, value: '\u200ba\u180e' })
})
