import { describe, expect, test } from 'vitest'
import { leaksOf } from './secret-forms.ts'

const SECRET = 'kf_Ab3xAb9yQq3xAb3zAb3xWw3xAb3xUu3xAb3xAb3x'
const octets = Buffer.from(SECRET)

function formsIn(text: string): string[] {
  const leaks = leaksOf([{ what: 'a token', secret: SECRET }], [{ place: 'x', octets: text }])
  return leaks.map(({ form }) => form)
}

describe('a secret is found', () => {
  test.each<{ text: string; form: string; because: string }>([
    { text: `{"a":"${SECRET}"}`, form: 'plain', because: 'as it is' },
    { text: SECRET.toLowerCase(), form: 'plain', because: 'in lower case' },
    { text: SECRET.slice(0, 25), form: 'plain', because: 'cut off' },
    { text: SECRET.slice(18), form: 'plain', because: 'without its beginning' },
    { text: octets.toString('hex').toUpperCase(), form: 'hex', because: 'in hexadecimal' },
    { text: octets.toString('base64'), form: 'base64', because: 'in base64' },
    { text: btoa(`a:${SECRET}`), form: 'base64', because: 'behind two octets in base64' },
    { text: btoa(`{${SECRET}}`), form: 'base64', because: 'behind one octet in base64' },
    { text: Buffer.from(`a:${SECRET}`).toString('base64url'), form: 'base64', because: 'for URLs' },
    {
      text: SECRET.replace(/./g, (at) => `%${at.charCodeAt(0).toString(16)}`),
      form: 'urlEncoded',
      because: 'percent-encoded',
    },
    {
      text: Buffer.from(SECRET, 'utf16le').toString('latin1'),
      form: 'utf16',
      because: 'as strings lie in memory',
    },
  ])('$form: $because', ({ text, form }) => expect(formsIn(`<<${text}>>`)).toEqual([form]))
})

test.each<{ text: string; because: string }>([
  { text: '', because: 'nothing' },
  { text: `kf_…${SECRET.slice(-4)}`, because: 'a hint' },
  { text: '*'.repeat(43), because: 'asterisks' },
])('is not found in $text: $because', ({ text }) => expect(formsIn(text)).toEqual([]))
