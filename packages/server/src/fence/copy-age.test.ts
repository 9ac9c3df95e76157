import type { TokenText } from '@keyfence/core'
import { expect, test } from 'vitest'
import { CopyAge, whileFresh } from './copy-age.ts'

const MAX_STALENESS_MS = 60_000
const BEGAN = { wall: 1_800_000_000_000, monotonic: 5000 }

/** The clocks so long after the copy was whole. */
function clockAfter({ wall, monotonic }: { wall: number; monotonic: number }) {
  return { now: () => BEGAN.wall + wall, monotonicMs: () => BEGAN.monotonic + monotonic }
}

const bound = (passed: { wall: number; monotonic: number }) => ({
  clock: clockAfter(passed),
  maxStalenessMs: MAX_STALENESS_MS,
})

test.each([
  { wall: 0, monotonic: 0, ageMs: 0, isFresh: true, because: 'this very moment' },
  { wall: 60_000, monotonic: 60_000, ageMs: 60_000, isFresh: true, because: 'just old enough' },
  { wall: 60_001, monotonic: 60_001, ageMs: 60_001, isFresh: false, because: 'too old' },
  { wall: 60_001, monotonic: 0, ageMs: 60_001, isFresh: false, because: 'the machine slept' },
  { wall: -9, monotonic: 60_001, ageMs: 60_001, isFresh: false, because: 'it was set back' },
  { wall: -9, monotonic: 1, ageMs: 1, isFresh: true, because: 'it was set back, a moment ago' },
])('$ageMs ms, fresh: $isFresh, $because', ({ ageMs, isFresh, wall, monotonic }) => {
  const age = new CopyAge()
  age.set(BEGAN)
  expect(age.ageMs(clockAfter({ wall, monotonic }))).toBe(ageMs)
  expect(age.isFresh(bound({ wall, monotonic }))).toBe(isFresh)
})

test('without a moment there is no copy: before the first, and when nothing counts any more', () => {
  const age = new CopyAge()
  const now = { wall: 0, monotonic: 0 }
  expect(age.ageMs(clockAfter(now))).toBeUndefined()
  expect(age.isFresh(bound(now))).toBe(false)
  age.set(BEGAN)
  age.set(undefined)
  expect(age.ageMs(clockAfter(now))).toBeUndefined()
  expect(age.isFresh(bound(now))).toBe(false)
})

test('whoever shares the memory has the same age, and opening it changes nothing', () => {
  const age = new CopyAge()
  age.set(BEGAN)
  const other = new CopyAge(age.memory)
  const clock = clockAfter({ wall: 7, monotonic: 7 })
  expect([other.ageMs(clock), age.ageMs(clock)]).toEqual([7, 7])
  age.set({ wall: BEGAN.wall + 7, monotonic: BEGAN.monotonic + 7 })
  expect(other.ageMs(clock)).toBe(0)
})

test('what is known is said while the copy is fresh, and nothing else', () => {
  const age = new CopyAge()
  const passed = { wall: 0, monotonic: 0 }
  const lookUp = whileFresh(() => ({ state: 'unknown' }), age, bound(passed))
  const token = 'kf_token' as TokenText
  expect(lookUp(token).state).toBe('unavailable')
  age.set(BEGAN)
  expect(lookUp(token).state).toBe('unknown')
})
