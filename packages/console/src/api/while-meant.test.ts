import { expect, test } from 'vitest'
import { whileMeant } from './while-meant.ts'

test.each<{ afterMs: number; outcome: string }>([
  { afterMs: 0, outcome: 'sent' },
  { afterMs: 120_000, outcome: 'sent' },
  { afterMs: 120_001, outcome: 'not_sent_again' },
  { afterMs: 36_000_000, outcome: 'not_sent_again' },
])('what is sent again after $afterMs ms: $outcome', async ({ afterMs, outcome }) => {
  let at = 1_000
  const send = whileMeant(
    async () => Promise.resolve('sent'),
    () => at,
  )
  const sent = {}
  expect(await send(sent)).toBe('sent')
  at += afterMs
  expect(await send(sent).catch((error: unknown) => Reflect.get(Object(error), 'code'))).toBe(
    outcome,
  )
  // What is meant anew is sent.
  expect(await send({})).toBe('sent')
})
