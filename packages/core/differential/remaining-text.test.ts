import { expect, test } from 'vitest'
import { remainingText } from './remaining-text.ts'

test.each([
  { cases: 0, rate: 100, says: 'done' },
  { cases: 100, rate: 0, says: 'no end in sight yet' },
  { cases: 100, rate: Number.NaN, says: 'no end in sight yet' },
  { cases: 100, rate: 100, says: '1 min left' },
  { cases: 6_000, rate: 1, says: '1 h 40 min left' },
  { cases: 100_000_000, rate: 10_000, says: '2 h 47 min left' },
])('$cases cases at $rate a second: $says', ({ cases, rate, says }) => {
  expect(remainingText(cases, rate)).toBe(says)
})
