import type { TokenActivity } from '../api/client.ts'

/** One bar of the chart: what came in one span of time. */
export interface Bar {
  readonly startsAt: number
  readonly allowed: number
  readonly refused: number
}

/** How calls came out in all. */
export interface Totals {
  readonly allowed: number
  readonly refused: number
  /** Of `allowed`: refused by the lists, and let through in report mode. */
  readonly reported: number
}

type Counted = Pick<TokenActivity['counts'][number], 'effect' | 'enforced' | 'count'>

/** Bars for the whole time, those without a call too. At most 400. */
export function barsOf(
  activity: Pick<TokenActivity, 'since' | 'until' | 'spanMs'> & {
    readonly series: readonly (Counted & { readonly startsAt: string })[]
  },
): Bar[] {
  const { spanMs, series } = activity
  const first = Date.parse(activity.since)
  const count = Math.min(BARS_MAX, Math.ceil((Date.parse(activity.until) - first) / spanMs))
  const bars = Array.from({ length: count }, (_, at) => ({
    startsAt: first + at * spanMs,
    allowed: 0,
    refused: 0,
  }))
  for (const point of series) {
    const bar = bars[Math.floor((Date.parse(point.startsAt) - first) / spanMs)]
    if (bar === undefined) continue
    if (point.effect === 'allow') bar.allowed += point.count
    else bar.refused += point.count
  }
  return bars
}

const BARS_MAX = 400

/** Sums over all outcomes. */
export function totalsOf(counts: readonly Counted[]): Totals {
  const sum = (isCounted: (counted: Counted) => boolean): number =>
    counts.filter(isCounted).reduce((total, { count }) => total + count, 0)
  return {
    allowed: sum(({ effect }) => effect === 'allow'),
    refused: sum(({ effect }) => effect === 'deny'),
    reported: sum(({ enforced }) => !enforced),
  }
}
