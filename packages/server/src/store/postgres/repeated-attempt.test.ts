import { expect, test, vi } from 'vitest'
import { RepeatedAttempt } from './repeated-attempt.ts'

test('is attempted again after each failure, and not once it is done', async () => {
  vi.useFakeTimers()
  let attempts = 0
  const failures: unknown[] = []
  const opening = new RepeatedAttempt({
    attempt: async () => {
      attempts += 1
      if (attempts < 3) throw new Error(`failure ${attempts}`)
    },
    random: () => 0,
    failed: (error) => failures.push(error),
  })
  opening.start()
  await vi.advanceTimersByTimeAsync(99)
  expect([attempts, opening.isDone]).toEqual([0, false])
  await vi.advanceTimersByTimeAsync(10_000)
  expect([attempts, failures.length, opening.isDone]).toEqual([3, 2, true])
  vi.useRealTimers()
})

test('is attempted no more once nobody wants it', async () => {
  vi.useFakeTimers()
  let attempts = 0
  const opening = new RepeatedAttempt({
    attempt: async () => {
      attempts += 1
      throw new Error('away')
    },
    random: () => 0.99,
    failed: () => {},
  })
  opening.start()
  await vi.advanceTimersByTimeAsync(1000)
  expect(attempts).toBe(1)
  await opening.close()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(attempts).toBe(1)
  vi.useRealTimers()
})
