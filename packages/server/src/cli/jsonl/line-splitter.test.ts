import { describe, expect, test } from 'vitest'
import { LINE_BYTES_MAX, lineSplitter } from './line-splitter.ts'

/** The lines of `octets` that come in pieces of `size`; what is none as its error. */
function lines(octets: Uint8Array, size = Math.max(1, octets.length)): string[] {
  const splitter = lineSplitter()
  const found: string[] = []
  const take = (some: ReturnType<typeof splitter.end>): void => {
    for (const line of some) found.push(line.kind === 'text' ? line.text : `! ${line.error}`)
  }
  for (let at = 0; at < octets.length; at += size) {
    // A piece that is written over afterwards, as a reader may do.
    const piece = octets.slice(at, at + size)
    take(splitter.push(piece))
    piece.fill(0)
  }
  take(splitter.end())
  return found
}

describe('lines are cut at LF', () => {
  test.each<{ text: string; gives: string[]; because: string }>([
    { text: '', gives: [], because: 'nothing' },
    { text: '\n', gives: [''], because: 'one blank line' },
    { text: 'a', gives: ['a'], because: 'a last line needs no LF' },
    { text: 'a\n', gives: ['a'], because: 'nothing behind the last LF' },
    { text: 'a\n\nb', gives: ['a', '', 'b'], because: 'a blank line counts' },
    { text: 'a\r\nb\r', gives: ['a', 'b'], because: 'a CR is dropped' },
    { text: 'a\rb\n', gives: ['a\rb'], because: 'a CR alone ends no line' },
    { text: '\uFEFFa\n\uFEFFb', gives: ['a', 'b'], because: 'a BOM is dropped' },
    {
      text: 'a\u2028b\u0085c\n',
      gives: ['a\u2028b\u0085c'],
      because: 'no other character ends a line',
    },
    { text: 'ü€😀\n', gives: ['ü€😀'], because: 'characters of several octets' },
  ])('$because', ({ text, gives }) => {
    const octets = new TextEncoder().encode(text)
    for (const size of [1, 2, 3, 5, 1000]) expect(lines(octets, size)).toEqual(gives)
  })

  test.each<{ octets: number[]; because: string }>([
    { octets: [0xff], because: 'no UTF-8 octet' },
    { octets: [0xc0, 0xaf], because: 'an overlong form' },
    { octets: [0xed, 0xa0, 0x80], because: 'a surrogate' },
    { octets: [0xe2, 0x82], because: 'half a character' },
  ])('invalid UTF-8, $because, harms its own line alone', ({ octets }) => {
    const given = Uint8Array.from([0x61, 0x0a, ...octets, 0x0a, 0x62])
    expect(lines(given)).toEqual(['a', '! The line is not UTF-8.', 'b'])
  })
})

describe('a line holds 1 MiB', () => {
  const longest = 'x'.repeat(LINE_BYTES_MAX)
  test.each<{ text: string; gives: string[]; because: string }>([
    { text: `${longest}\nb`, gives: [longest, 'b'], because: 'the longest' },
    {
      text: `\uFEFF${longest}\r\nb`,
      gives: [longest, 'b'],
      because: 'what is dropped does not count',
    },
    {
      text: `${longest}x\nb`,
      gives: ['! The line is longer than 1 MiB.', 'b'],
      because: 'one octet more',
    },
    {
      text: `a\n${longest}${longest}\nb\n`,
      gives: ['a', '! The line is longer than 1 MiB.', 'b'],
      because: 'much more',
    },
    {
      text: `${longest}x`,
      gives: ['! The line is longer than 1 MiB.'],
      because: 'a last line without LF',
    },
  ])('$because', ({ text, gives }) => {
    const octets = new TextEncoder().encode(text)
    for (const size of [1000, 65_536, octets.length]) {
      const found = lines(octets, size)
      expect(found.map((line) => line.slice(0, 40))).toEqual(gives.map((line) => line.slice(0, 40)))
      expect(found.map((line) => line.length)).toEqual(gives.map((line) => line.length))
    }
  })

  test('what is too long is not kept', () => {
    const splitter = lineSplitter()
    const chunk = new Uint8Array(1024 * 1024).fill(0x61)
    const before = process.memoryUsage().arrayBuffers
    for (let mebibytes = 0; mebibytes < 200; mebibytes++)
      expect([...splitter.push(chunk)]).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024)
    expect([...splitter.push(Uint8Array.of(0x0a, 0x62, 0x0a))].map(({ kind }) => kind)).toEqual([
      'malformed',
      'text',
    ])
  })
})
