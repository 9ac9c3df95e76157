import { describe, expect, test } from 'vitest'
import { barsOf, totalsOf } from './series.ts'

const HOUR = 3_600_000
const point = (effect: 'allow' | 'deny', count: number, startsAt = '') => ({
  effect,
  count,
  startsAt,
  enforced: true,
})
const letThrough = (count: number, startsAt = '') => ({
  ...point('allow', count, startsAt),
  enforced: false,
})

describe('bars', () => {
  const range = {
    since: '2026-11-24T06:00:00.000Z',
    until: '2026-11-24T08:30:00.000Z',
    spanMs: HOUR,
  }
  test('stand for spans without a call too, and sum up within one', () => {
    const series = [
      point('allow', 2, '2026-11-24T06:00:00.000Z'),
      point('deny', 1, '2026-11-24T06:00:00.000Z'),
      letThrough(4, '2026-11-24T06:00:00.000Z'),
      point('allow', 3, '2026-11-24T08:00:00.000Z'),
    ]
    const bars = barsOf({ ...range, series })
    expect(bars.map(({ allowed, refused }) => [allowed, refused])).toEqual([
      [6, 1],
      [0, 0],
      [3, 0],
    ])
  })
  test('are bounded, whatever the range', () => {
    expect(barsOf({ ...range, spanMs: 1000, series: [] })).toHaveLength(400)
  })
  test('leave out what lies beyond', () => {
    const series = [point('allow', 9, '2027-01-01T00:00:00.000Z')]
    expect(barsOf({ ...range, series }).every(({ allowed }) => allowed === 0)).toBe(true)
  })
})

test('totals tell how many of the allowed were let through in report mode, as the bars count', () => {
  const counts = [point('allow', 5), point('deny', 2), letThrough(3)]
  expect(totalsOf(counts)).toEqual({ allowed: 8, refused: 2, reported: 3 })
})
