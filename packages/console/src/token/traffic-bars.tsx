import { type ReactElement, useDeferredValue } from 'react'
import { BarRects } from '../activity/bar-chart.tsx'
import { HiddenCounts } from '../activity/hidden-counts.tsx'
import type { Bar } from '../activity/series.ts'
import type { TokenTraffic } from '../api/client.ts'

const HOUR_MS = 3_600_000

/** A token's calls of 36 hours as small bars, with a table of the same for those who do not see it. */
export function TrafficBars(props: { name: string; traffic: TokenTraffic }): ReactElement {
  const { since, allowed, refused } = props.traffic
  const first = Date.parse(since)
  const bars = allowed.map((calls, at) => ({
    startsAt: first + at * HOUR_MS,
    allowed: calls,
    refused: refused[at] ?? 0,
  }))
  // A row has up to 37 lines of it: what everybody sees goes first.
  const told = useDeferredValue(bars, NONE)
  const [allowedInAll, refusedInAll] = [sum(allowed), sum(refused)]
  if (allowedInAll + refusedInAll === 0) return <span className="dimmed">no calls</span>
  return (
    <div
      className="small-bars"
      title={`${NUMBER.format(allowedInAll)} allowed, ${NUMBER.format(refusedInAll)} refused`}
    >
      <BarRects bars={bars} />
      <HiddenCounts caption={`Calls of ${props.name} by the hour`} bars={told} spanMs={HOUR_MS} />
    </div>
  )
}

const NONE: readonly Bar[] = []

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

const NUMBER = new Intl.NumberFormat('en')
