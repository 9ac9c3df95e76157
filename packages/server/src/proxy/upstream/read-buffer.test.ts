import { expect, test } from 'vitest'
import { readingInto } from './read-buffer.ts'
import type { ReadVerdict } from './upstream-call.ts'

test.each<{ verdict: ReadVerdict; isWrittenOver: boolean; readsOn: boolean }>([
  { verdict: 'free', isWrittenOver: true, readsOn: true },
  { verdict: 'held', isWrittenOver: false, readsOn: true },
  { verdict: 'full', isWrittenOver: false, readsOn: false },
])('octets that are $verdict: the next read writes over them, $isWrittenOver', (row) => {
  let seen: Buffer | undefined
  const reading = readingInto((octets) => {
    seen = octets
    return row.verdict
  })
  const first = reading.buffer()
  first.set(Buffer.from('first'))
  expect(reading.callback(5)).toBe(row.readsOn)
  expect(seen?.toString()).toBe('first')
  reading.buffer().set(Buffer.from('other'))
  expect(seen?.toString()).toBe(row.isWrittenOver ? 'other' : 'first')
})
