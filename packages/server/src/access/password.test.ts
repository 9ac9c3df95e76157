import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashPassword, isPassword, passwordProblem } from './password.ts'

const GOOD = 'umbrella seven trombone'

describe('a password', () => {
  test.each([
    { password: '', problem: 'too_short', because: 'nothing' },
    { password: 'kJ3x9Qm2LpZ7!d', problem: 'too_short', because: '14 characters' },
    { password: '🙂'.repeat(14), problem: 'too_short', because: '14 characters, in 28 units' },
    { password: 'x1'.repeat(129), problem: 'too_long', because: '258 characters' },
    { password: 'passwordpassword', problem: 'guessable', because: 'a common one, twice' },
    { password: 'aaaaaaaaaaaaaaaaaaaa', problem: 'guessable', because: 'one character' },
    { password: 'qwertyuiopasdfghjkl', problem: 'guessable', because: 'keys in a row' },
    { password: '123456789012345', problem: 'guessable', because: 'counting' },
    { password: 'margaretmargaret', problem: 'guessable', because: 'their name, twice' },
    { password: 'keyfencekeyfence', problem: 'guessable', because: 'the name of this program' },
    { password: GOOD, problem: undefined, because: 'words that do not belong together' },
    { password: 'kJ3x9Qm2LpZ7vRt', problem: undefined, because: '15 of a password manager' },
    { password: 'Überraschend süß, ja', problem: undefined, because: 'any script and blanks' },
  ])('"$password" is $problem: $because', async ({ password, problem }) => {
    expect(await passwordProblem(password, ['margaret'])).toBe(problem)
  })
})

describe('its hash', () => {
  test('is argon2id at the cost that OWASP names, with a salt of its own each time', async () => {
    const [one, other] = [
      await hashPassword(GOOD, randomBytes),
      await hashPassword(GOOD, randomBytes),
    ]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toBe(other)
    expect(await isPassword(GOOD, one)).toBe(true)
    expect(await isPassword(GOOD, other)).toBe(true)
  })

  test.each([
    { given: 'umbrella seven trombonE', because: 'another case' },
    { given: `${GOOD} `, because: 'a blank more' },
    { given: '', because: 'nothing' },
  ])('is not the hash of "$given": $because', async ({ given }) => {
    expect(await isPassword(given, await hashPassword(GOOD, randomBytes))).toBe(false)
  })

  test('is the same for the same characters composed otherwise', async () => {
    const written = await hashPassword('süß'.normalize('NFC'), randomBytes)
    expect(await isPassword('süß'.normalize('NFD'), written)).toBe(true)
  })

  test.each([undefined, '', 'plain', '$argon2id$v=19$m=19456,t=2,p=1$$', '$argon2i$v=19$m=1'])(
    'that is %s is nobody’s',
    async (written) => {
      expect(await isPassword(GOOD, written)).toBe(false)
      expect(await isPassword('', written)).toBe(false)
    },
  )
})
