import { describe, expect, test } from 'vitest'
import { headerSectionEnd, readFieldLines } from './header-section.ts'

function read(text: string): readonly string[] | undefined {
  const octets = Buffer.from(text, 'latin1')
  const end = headerSectionEnd(octets, 0)
  return end === -1 ? undefined : readFieldLines(octets, { from: 0, end })
}

describe('a header section is read', () => {
  test.each<{ section: string; gives: readonly string[]; because: string }>([
    { section: '\r\n', gives: [], because: 'there may be no field at all' },
    {
      section: 'Host: a.example\r\nAccept:*/*\r\n\r\n',
      gives: ['Host', 'a.example', 'Accept', '*/*'],
      because: 'the blank behind the colon may be missing',
    },
    {
      section: 'A: \t one  two \t\r\n\r\n',
      gives: ['A', 'one  two'],
      because: 'blanks around a value are none of it, those within are',
    },
    { section: 'A:\r\n\r\n', gives: ['A', ''], because: 'a value may be empty' },
    { section: 'A: \t \r\n\r\n', gives: ['A', ''], because: 'blanks alone are an empty value' },
    {
      section: 'Origin: a\r\nORIGIN: b\r\n\r\n',
      gives: ['Origin', 'a', 'ORIGIN', 'b'],
      because: 'repetitions and spelling are kept for whoever judges them',
    },
    {
      section: 'A: \u00e9\u00ff\r\n\r\n',
      gives: ['A', '\u00e9\u00ff'],
      because: 'octets above ASCII are Latin-1 (RFC 9110 §5.5)',
    },
    {
      section: "!#$%&'*+-.^_`|~0aZ: :\r\n\r\n",
      gives: ["!#$%&'*+-.^_`|~0aZ", ':'],
      because: 'each character of a token may be in a name, a colon in a value',
    },
    {
      section: 'A: b\r\n\r\nC: d\r\n\r\n',
      gives: ['A', 'b'],
      because: 'the first empty line ends it',
    },
  ])('$because', ({ section, gives }) => {
    expect(read(section)).toEqual(gives)
  })
})

describe('a header section is malformed', () => {
  test.each<{ section: string; because: string }>([
    { section: 'A : b\r\n\r\n', because: 'a blank before the colon (RFC 9112 §5.1)' },
    { section: ' A: b\r\n\r\n', because: 'a blank before the name' },
    { section: 'A: b\r\n c\r\n\r\n', because: 'a folded line (RFC 9112 §5.2)' },
    { section: 'A: b\r\n\tc: d\r\n\r\n', because: 'a line folded with HTAB, whatever is in it' },
    { section: ': b\r\n\r\n', because: 'no name' },
    { section: 'A\r\n\r\n', because: 'no colon' },
    { section: 'A\r\nB: c\r\n\r\n', because: 'the colon of the next line is not its own' },
    { section: 'A: b\nC: d\r\n\r\n', because: 'LF by itself' },
    { section: 'A: b\rC: d\r\n\r\n', because: 'CR by itself' },
    { section: 'A: b\r\r\n\r\n', because: 'a CR too many' },
    { section: 'A: \u0000\r\n\r\n', because: 'NUL in a value' },
    { section: 'A: \u007f\r\n\r\n', because: 'DEL in a value' },
    { section: 'A: \u000b\r\n\r\n', because: 'a vertical tab is no blank' },
    { section: 'A\u00e9: b\r\n\r\n', because: 'a name is ASCII' },
    { section: 'A(b): c\r\n\r\n', because: 'a delimiter in a name' },
    { section: 'A\u0000: b\r\n\r\n', because: 'NUL in a name' },
    { section: '\r\r\n\r\n', because: 'a CR where a name belongs' },
    { section: 'x\n\r\n\r\n', because: 'an LF where a name ends' },
    { section: 'A: b\u0000xC: d\r\n\r\n', because: 'NUL is no end of a line' },
    { section: 'A: b\rxC: d\r\n\r\n', because: 'neither is CR, with whatever behind it' },
    { section: 'A: b\u0000\nC: d\r\n\r\n', because: 'neither is LF behind something else' },
  ])('$because', ({ section }) => {
    expect(read(section)).toBeUndefined()
  })
})

describe('a header section has not ended', () => {
  test.each<{ section: string }>([
    { section: '' },
    { section: 'A: b' },
    { section: 'A: b\r\n' },
    { section: 'A: b\r\n\r' },
    { section: 'A: b\n\n' },
  ])('$section', ({ section }) => {
    expect(headerSectionEnd(Buffer.from(section, 'latin1'), 0)).toBe(-1)
  })
})
