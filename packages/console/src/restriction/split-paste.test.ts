import { expect, test } from 'vitest'
import { splitPaste } from './split-paste.ts'

test.each<{ text: string; gives: string[]; because: string }>([
  { text: '', gives: [], because: 'nothing was pasted' },
  { text: ' \n\t ,; ', gives: [], because: 'separators alone are no entry' },
  { text: '  example.com ', gives: ['example.com'], because: 'blanks around one entry' },
  {
    text: 'a.com\r\nb.com\nc.com',
    gives: ['a.com', 'b.com', 'c.com'],
    because: 'lines of any system',
  },
  {
    text: 'a.com, b.com;c.com d.com',
    gives: ['a.com', 'b.com', 'c.com', 'd.com'],
    because: 'every usual separator',
  },
  {
    text: '8.8.8.8,2001:db8::1',
    gives: ['8.8.8.8', '2001:db8::1'],
    because: 'colons of an IPv6 address',
  },
  {
    text: '[2001:db8::1]',
    gives: ['[2001:db8::1]'],
    because: 'brackets are for the rules to refuse',
  },
  {
    text: 'https://a.com/x,y?z=1,2',
    gives: ['https://a.com/x,y?z=1,2'],
    because: 'commas of a path belong to its URL',
  },
  {
    text: 'https://a.com/x,https://b.com/',
    gives: ['https://a.com/x', 'https://b.com/'],
    because: 'a comma before another URL',
  },
  {
    text: 'https://a.com,b.com',
    gives: ['https://a.com', 'b.com'],
    because: 'a comma after a bare origin',
  },
  { text: '["a.com", "b.com"]', gives: ['a.com', 'b.com'], because: 'a JSON list' },
  { text: "'a.com' `b.com`", gives: ['a.com', 'b.com'], because: 'quotes of other languages' },
  {
    text: '"https://a.com/x","https://b.com"',
    gives: ['https://a.com/x', 'https://b.com'],
    because: 'quoted URLs',
  },
  {
    text: 'HTTPS://A.com:8443/x y.com',
    gives: ['HTTPS://A.com:8443/x', 'y.com'],
    because: 'a scheme in any case',
  },
  { text: '<script>', gives: ['<script>'], because: 'hostile text stays text' },
])('$text: $because', ({ text, gives }) => expect(splitPaste(text)).toEqual(gives))
