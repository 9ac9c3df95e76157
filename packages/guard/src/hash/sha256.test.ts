import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256Hex, writtenSha256Hex } from './sha256.ts'

test('is what the platform says, for every length that a token can have and more', () => {
  for (let length = 0; length <= 600; length++) {
    const text = Array.from({ length }, (_, at) =>
      String.fromCharCode(33 + ((at * 7 + length) % 94)),
    ).join('')
    const said = hash('sha256', text, 'hex')
    expect([sha256Hex(text), writtenSha256Hex(text)]).toEqual([said, said])
  }
})
