import { describe, expect, test } from 'vitest'
import { PassThrough } from 'node:stream'
import { writeJson } from './output.ts'
import { printable } from './printable.ts'
import { displayWidth, factsText, tableText } from './table.ts'
import { relativeTime } from './time-text.ts'

const HOSTILE = [
  { text: 'a\u001b[31mred', shown: 'a\\u{1b}[31mred', because: 'a colour' },
  { text: 'a\u009b31m', shown: 'a\\u{9b}31m', because: 'the same in one octet' },
  { text: 'a\r\nb', shown: 'a\\u{d}\\u{a}b', because: 'a line of its own' },
  { text: 'a\u202eb', shown: 'a\\u{202e}b', because: 'written backwards' },
  { text: 'a\u2028b', shown: 'a\\u{2028}b', because: 'another line end' },
  { text: 'a\u{e0041}b', shown: 'a\\u{e0041}b', because: 'an invisible letter' },
  { text: 'a\ud800b', shown: 'a\\u{d800}b', because: 'half a character' },
  { text: 'a\u007fb', shown: 'a\\u{7f}b', because: 'a deletion' },
]

describe('text from outside comes out inert', () => {
  test.each(HOSTILE)('$shown: $because', ({ text, shown }) => {
    expect(printable(text)).toBe(shown)
  })

  test.each(HOSTILE)('in JSON too: $because', async ({ text }) => {
    const output = new PassThrough()
    await writeJson(output, { text })
    output.end()
    const written = Buffer.concat(await output.toArray()).toString()
    expect(JSON.parse(written)).toEqual({ text })
    expect(printable(written.trimEnd().replaceAll('\n', ''))).toBe(
      written.trimEnd().replaceAll('\n', ''),
    )
  })

  test('what people write is shown as it is', () => {
    for (const text of ['Bücher', '書店', 'кофе', 'a b', '🛒', '…'])
      expect(printable(text)).toBe(text)
  })
})

describe('a table', () => {
  const columns = [{ title: 'ID' }, { title: 'NAME', mayShrink: true }, { title: 'STATE' }]

  test('is aligned, wide characters too', () => {
    const text = tableText(columns, [
      ['tok_1', '書店', 'active'],
      ['tok_22', 'shop', 'revoked'],
    ])
    expect(text).toBe('ID      NAME  STATE\ntok_1   書店  active\ntok_22  shop  revoked\n')
  })

  test('fits 100 columns: names are cut, ids never', () => {
    const id = 'tok_'.padEnd(40, '0')
    const text = tableText(columns, [[id, 'very long '.repeat(20), 'active']])
    for (const line of text.trimEnd().split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(100)
    expect(text).toContain(id)
    expect(text).toContain('…  active')
  })

  test('of facts wraps between words', () => {
    const text = factsText([['Use', 'word '.repeat(40).trim()]])
    for (const line of text.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(text.split('\n')[1]).toMatch(/^ {5}word/)
  })
})

test.each([
  { distanceMs: 0, says: 'now' },
  { distanceMs: -5000, says: '5 seconds ago' },
  { distanceMs: 90 * 86_400_000 - 100, says: 'in 90 days' },
  { distanceMs: -3_600_000, says: '1 hour ago' },
  { distanceMs: 800 * 86_400_000, says: 'in 2 years' },
])('$says', ({ distanceMs, says }) => {
  expect(relativeTime(1_800_000_000_000 + distanceMs, 1_800_000_000_000)).toBe(says)
})
