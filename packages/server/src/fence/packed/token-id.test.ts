import { expect, test } from 'vitest'
import type { TokenId } from '../../identifier/identifier.ts'
import { packedId } from './token-id.ts'

const UUID = 'tok_019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8'

test.each([UUID, 'tok_00000000-0000-7000-8000-0000000000ff'])(
  '%s is the 16 octets of its UUID',
  (id) => {
    const { isText, octets } = packedId(id as TokenId)
    expect([isText, octets.toString('hex')]).toEqual([false, id.slice(4).replaceAll('-', '')])
  },
)

test.each([
  ['', 'nothing'],
  ['tok_', 'the prefix alone'],
  [UUID.slice(0, -1), 'a digit less'],
  [`${UUID}0`, 'a digit more'],
  [UUID.toUpperCase().replace('TOK', 'tok'), 'capital letters'],
  [UUID.replace('tok_', 'key_'), 'another prefix'],
  [UUID.replace('-4d', '4-d'), 'a dash elsewhere'],
  [UUID.replaceAll('-', '0'), 'no dashes'],
  [UUID.replace('-7', '07'), 'a dash less'],
  [UUID.replace('019', '-19'), 'a dash more'],
  [UUID.replace('01', '0g'), 'a letter behind f'],
  [UUID.replace('01', 'g1'), 'the same, first of its octet'],
  [UUID.replace('01', '0/'), 'a sign before the digits'],
  [UUID.replace('01', '0:'), 'a sign behind them'],
  [UUID.replace('01', '0\u0130'), 'a letter beyond ASCII'],
  [UUID.replace('f8', 'f '), 'a blank at the end'],
])('%j is kept as text: %s', (id) => {
  const { isText, octets } = packedId(id as TokenId)
  expect([isText, octets.toString()]).toEqual([true, id])
})
