import { expect, test } from 'vitest'
import { restrictionsOf } from '../restriction/restrictions-fixture.ts'
import { curlSnippet, envFile, fetchSnippet } from './snippets.ts'

const secret = 'kf_secret'

test.each<{
  lists: Parameters<typeof restrictionsOf>
  curl: RegExp
  page: RegExp
  because: string
}>([
  {
    lists: [undefined, undefined],
    curl: /^curl /,
    page: /^await fetch/,
    because: 'nothing is restricted',
  },
  {
    lists: [['a.com'], undefined],
    curl: /^# Refused: only the domain list/,
    page: /^\/\/ Works in pages of a\.com\./,
    because: 'pages alone',
  },
  {
    lists: [undefined, ['8.8.8.8']],
    curl: /^# Works on 8\.8\.8\.8\./,
    page: /^\/\/ Refused: only the IP list/,
    because: 'servers alone',
  },
  {
    lists: [['a.com'], ['8.8.8.8', '8.8.4.4']],
    curl: /^# Works on 8\.8\.8\.8 or 8\.8\.4\.4\./,
    page: /^\/\/ Works/,
    because: 'both',
  },
  { lists: [[], []], curl: /no machine yet/, page: /no site yet/, because: 'on and empty' },
])('$because', ({ lists, curl, page }) => {
  const facts = { secret, restrictions: restrictionsOf(...lists) }
  expect(curlSnippet(facts)).toMatch(curl)
  expect(fetchSnippet(facts)).toMatch(page)
  expect(curlSnippet(facts)).toContain('"Authorization: Bearer kf_secret"')
  expect(fetchSnippet(facts)).toContain("'Bearer kf_secret'")
})

test('the .env file is one line', () => {
  const facts = { secret, restrictions: restrictionsOf(undefined, undefined) }
  expect(envFile(facts)).toBe('API_TOKEN=kf_secret\n')
})
