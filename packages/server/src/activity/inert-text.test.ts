import { describe, expect, test } from 'vitest'
import { inertMethod, inertPath, PATH_LENGTH_MAX } from './inert-text.ts'

const TOKEN = `kf_${'Ab3x'.repeat(10)}`
const LONG = `/${'x'.repeat(16 * 1024)}`

describe('a path that is kept', () => {
  test.each<{ path: string; gives: string; because: string }>([
    { path: `/a?key=${TOKEN}`, gives: '/a', because: 'a query holds secrets' },
    { path: '?', gives: '', because: 'nothing but a query' },
    { path: `/v1/${TOKEN}/x`, gives: `/v1/${'*'.repeat(43)}/x`, because: 'a token in the path' },
    {
      path: `/acme_${'0'.repeat(50)}`,
      gives: `/${'*'.repeat(45)}0000000000`,
      because: 'any prefix',
    },
    {
      path: `/kf%5f${TOKEN.slice(3)}/x`,
      gives: `/${'*'.repeat(45)}/x`,
      because: 'its underscore percent-encoded',
    },
    {
      path: `/%6b%66%5F${'%41'.repeat(39)}B`,
      gives: `/${'*'.repeat(9 + 118)}`,
      because: 'each character percent-encoded',
    },
    { path: `/a%2F${TOKEN}`, gives: `/${'*'.repeat(47)}`, because: 'behind another encoded one' },
    { path: '/a_b%5Fc', gives: '/a_b%5Fc', because: 'an underscore is no token' },
    { path: '/\u001b[31m\r\nx', gives: '/%1B[31m%0D%0Ax', because: 'a terminal would obey' },
    {
      path: '/\u0000\u007f ',
      gives: '/%00%7F%20',
      because: 'neither control characters nor blanks',
    },
    { path: '/\u00c3\u00a9', gives: '/%C3%A9', because: 'octets as Node reads them' },
    { path: '/\u202e\ud83d\ude00', gives: '/%E2%80%AE%F0%9F%98%80', because: 'as UTF-8 elsewhere' },
    { path: '/\ud800', gives: '/%EF%BF%BD', because: 'half a character' },
    { path: '/a/../%2e/<script>', gives: '/a/../%2e/<script>', because: 'never normalised' },
    { path: '', gives: '', because: 'nothing' },
    { path: '/v1/orders/1', gives: '/v1/orders/1', because: 'an ordinary one' },
  ])('$gives: $because', ({ path, gives }) => expect(inertPath(path)).toBe(gives))

  test.each<{ path: string; because: string }>([
    { path: LONG, because: 'long' },
    { path: '/\u0001'.repeat(200), because: 'long once it is encoded' },
    { path: `/${'x'.repeat(PATH_LENGTH_MAX)}`, because: 'one character too many' },
  ])('is cut, and says so: $because', ({ path }) => {
    const kept = inertPath(path)
    expect(kept).toHaveLength(PATH_LENGTH_MAX)
    expect(kept).toMatch(/^[!-~]+…$/)
  })

  test('is whole up to the limit', () => {
    expect(inertPath(LONG.slice(0, PATH_LENGTH_MAX))).toBe(LONG.slice(0, PATH_LENGTH_MAX))
  })

  test('holds no part of a token that lies across the cut, behind others or encoded', () => {
    for (let at = PATH_LENGTH_MAX - 3 * TOKEN.length; at <= PATH_LENGTH_MAX; at++) {
      const encoded = TOKEN.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`)
      expect(inertPath(''.padEnd(at, '/') + encoded), `${at}`).not.toContain('%')
    }
    for (let at = PATH_LENGTH_MAX - TOKEN.length; at <= PATH_LENGTH_MAX; at++) {
      const kept = inertPath(`/${TOKEN}/${TOKEN}/`.padEnd(at, '/') + TOKEN)
      expect(kept, `${at}`).not.toContain('kf_')
      expect(kept).not.toContain('Ab3x')
    }
  })
})

test.each<{ method: string; gives: string; because: string }>([
  { method: 'G\nET\u001b', gives: 'G%0AET%1B', because: 'inert' },
  { method: 'x'.repeat(1000), gives: 'x'.repeat(32), because: 'short' },
  { method: 'GET', gives: 'GET', because: 'as it is' },
])('a method is kept as $gives: $because', ({ method, gives }) => {
  expect(inertMethod(method)).toBe(gives)
})
