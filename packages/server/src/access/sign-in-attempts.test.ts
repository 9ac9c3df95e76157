import { parseIpAddress } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import { countedAddress, SignInAttempts } from './sign-in-attempts.ts'

const MINUTE = 60_000
const LIMITS = { windowMs: 15 * MINUTE, perNameMax: 3, perAddressMax: 5, remembered: 100 }
const ANN = { nameKey: 'ann', address: '8.8.8.8' }

function counted(times: number, attempts = new SignInAttempts(LIMITS)): SignInAttempts {
  for (let time = 0; time < times; time++) attempts.count(ANN, 0)
  return attempts
}

describe('attempts to sign in', () => {
  test('go on up to the limit of a name, and wait for the window beyond it', () => {
    expect(counted(2).count(ANN, 0)).toBeUndefined()
    expect(counted(3).count(ANN, MINUTE)).toBe(14 * MINUTE)
  })

  test('of one name count from wherever they come', () => {
    expect(counted(3).count({ ...ANN, address: '8.8.4.4' }, 0)).toBe(15 * MINUTE)
  })

  test('of one address count for whatever name', () => {
    const attempts = new SignInAttempts(LIMITS)
    for (let at = 0; at < 5; at++) attempts.count({ ...ANN, nameKey: `name ${at}` }, 0)
    expect(attempts.count({ ...ANN, nameKey: 'another' }, 0)).toBe(15 * MINUTE)
    expect(attempts.count({ nameKey: 'another', address: '8.8.4.4' }, 0)).toBeUndefined()
  })

  test('are forgotten with the window, and not before', () => {
    expect(counted(3).count(ANN, 15 * MINUTE - 1)).toBe(1)
    expect(counted(3).count(ANN, 15 * MINUTE)).toBeUndefined()
  })

  test('that succeed clear the name, not the address', () => {
    const attempts = counted(3)
    attempts.succeeded(ANN)
    expect(attempts.count(ANN, 0)).toBeUndefined()
    attempts.count(ANN, 0)
    expect(attempts.count(ANN, 0)).toBe(15 * MINUTE)
  })

  test('of a flood of names take no more memory than set, and the newest are kept', () => {
    const attempts = new SignInAttempts({ ...LIMITS, remembered: 4 })
    for (let at = 0; at < 50; at++) attempts.count({ nameKey: `n${at}`, address: `a${at}` }, 0)
    counted(3, attempts)
    expect(attempts.count({ ...ANN, address: 'another' }, 0)).toBe(15 * MINUTE)
  })
})

describe('an address is counted', () => {
  test.each([
    { one: '2001:db8:0:1::1', other: '2001:db8:0:1:ffff::2', isOne: true, because: 'one /64' },
    { one: '2001:db8:0:1::1', other: '2001:db8:0:2::1', isOne: false, because: 'two of them' },
    { one: '8.8.8.8', other: '8.8.8.9', isOne: false, because: 'IPv4 by itself' },
    { one: '8.8.8.8', other: '::ffff:8.8.8.8', isOne: true, because: 'IPv4, written as IPv6' },
    { one: '::ffff:8.8.8.8', other: '::ffff:8.8.8.9', isOne: false, because: 'still IPv4' },
    { one: 'unknown', other: 'elsewhere', isOne: true, because: 'what cannot be read is one' },
    { one: 'unknown', other: '::1', isOne: false, because: 'what can is another' },
  ])('$one with $other, $isOne: $because', ({ one, other, isOne }) => {
    const [first, second] = [one, other].map((text) => countedAddress(parseIpAddress(text)))
    expect(first === second).toBe(isOne)
  })
})
