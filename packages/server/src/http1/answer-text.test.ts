import { describe, expect, test } from 'vitest'
import { type AnswerEnding, answerText, dateText } from './answer-text.ts'

const ENDING: AnswerEnding = {
  isHead: false,
  isLast: false,
  keepAliveS: 5,
  date: 'Thu, 01 Jan 1970 00:00:00 GMT',
}
const OK = { status: 200, headers: [['A', 'b']], body: '' } as const
const SENT = 'HTTP/1.1 200 OK\r\nA: b\r\nCache-Control: no-store\r\nContent-Length: 0\r\n'
const DATE = `Date: ${ENDING.date}\r\n`
const KEPT = 'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n'

describe('an answer as octets', () => {
  test.each<{
    answer?: Partial<Parameters<typeof answerText>[0]>
    ending?: Partial<AnswerEnding>
    gives: string
    because: string
  }>([
    { gives: `${SENT}${DATE}${KEPT}`, because: 'the connection is kept' },
    {
      ending: { isLast: true },
      gives: `${SENT}${DATE}Connection: close\r\n\r\n`,
      because: 'the last of its connection',
    },
    {
      ending: { keepAliveS: undefined },
      gives: `${SENT}${DATE}Connection: keep-alive\r\n\r\n`,
      because: 'kept without a limit',
    },
    {
      answer: { headers: [['Cache-Control', 'private']], body: 'abc' },
      gives: `HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: 3\r\n${DATE}${KEPT}abc`,
      because: 'what it says of caching stays',
    },
    {
      answer: { headers: [], body: 'abc', status: 401 },
      ending: { isHead: true },
      gives: `HTTP/1.1 401 Unauthorized\r\nCache-Control: no-store\r\nContent-Length: 3\r\n${DATE}${KEPT}`,
      because: 'HEAD: the length, and no body',
    },
    {
      answer: { headers: [], status: 204 },
      gives: `HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n${DATE}${KEPT}`,
      because: '204 has no length',
    },
    {
      answer: { headers: [], status: 204, body: 'abc' },
      gives: `HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n${DATE}${KEPT}`,
      because: '204 has no body either, which would be read as the next answer',
    },
    {
      answer: { headers: [], body: '\u20ac' },
      gives: `HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 3\r\n${DATE}${KEPT}\u00e2\u0082\u00ac`,
      because: 'a body is UTF-8, and its length is that of its octets',
    },
  ])('$because', ({ answer, ending, gives }) => {
    expect(answerText({ ...OK, ...answer }, { ...ENDING, ...ending })).toBe(gives)
  })

  test.each<{ value: string; because: string }>([
    { value: 'a\r\nB: c', because: 'a line of its own' },
    { value: 'a\n', because: 'LF' },
    { value: 'a\r', because: 'CR' },
    { value: '\u0000', because: 'NUL' },
    { value: '\u007f', because: 'DEL' },
    { value: 'a\u010aB: c', because: 'LF as soon as it is cut to an octet' },
    { value: 'a\u{1f60a}', because: 'no octet at all' },
  ])('is not made of a value with $because', ({ value }) => {
    expect(() => answerText({ ...OK, headers: [['A', value]] }, ENDING)).toThrow(
      'A cannot be sent as a field',
    )
  })
})

test.each<{ nowMs: number; gives: string }>([
  { nowMs: 784_111_777_000, gives: 'Sun, 06 Nov 1994 08:49:37 GMT' },
  { nowMs: 784_111_777_999, gives: 'Sun, 06 Nov 1994 08:49:37 GMT' },
  { nowMs: 784_111_778_000, gives: 'Sun, 06 Nov 1994 08:49:38 GMT' },
  { nowMs: 784_111_777_000, gives: 'Sun, 06 Nov 1994 08:49:37 GMT' },
])('$nowMs is $gives', ({ nowMs, gives }) => {
  expect(dateText(nowMs)).toBe(gives)
})
