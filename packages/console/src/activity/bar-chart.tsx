import type { ReactElement } from 'react'
import { DAY_MS, HiddenCounts, spanText } from './hidden-counts.tsx'
import type { Bar } from './series.ts'

const HEIGHT = 100
const STEP = 10

/** Calls over time as bars, with a table of the same for those who do not see it. */
export function BarChart({ bars, spanMs }: { bars: readonly Bar[]; spanMs: number }): ReactElement {
  const most = mostCalls(bars)
  return (
    <figure className="chart">
      <BarRects bars={bars} />
      <div className="row-between small dimmed" aria-hidden="true">
        <span>{spanText(bars[0]?.startsAt ?? 0, spanMs)}</span>
        <span>
          at most {most} in one {spanMs >= DAY_MS ? 'day' : 'hour'}
        </span>
        <span>now</span>
      </div>
      <HiddenCounts caption="Calls over time" bars={bars} spanMs={spanMs} />
    </figure>
  )
}

/** The bars alone; what they say stands in words beside them. */
export function BarRects({ bars }: { bars: readonly Bar[] }): ReactElement {
  const most = mostCalls(bars)
  const width = Math.max(1, bars.length) * STEP
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line
        className="axis"
        x1="0"
        y1={HEIGHT}
        x2={width}
        y2={HEIGHT}
        strokeWidth="1"
        vectorEffect="non-scaling-stroke"
      />
      {bars.map((bar, at) => (
        <BarPair key={bar.startsAt} bar={bar} x={at * STEP} most={most} />
      ))}
    </svg>
  )
}

function mostCalls(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ allowed, refused }) => allowed + refused))
}

function BarPair({ bar, x, most }: { bar: Bar; x: number; most: number }): ReactElement {
  const allowed = (bar.allowed / most) * (HEIGHT - 4)
  const refused = (bar.refused / most) * (HEIGHT - 4)
  return (
    <>
      <rect className="allowed" x={x + 1} y={HEIGHT - allowed} width={STEP - 2} height={allowed} />
      <rect
        className="refused"
        x={x + 1}
        y={HEIGHT - allowed - refused}
        width={STEP - 2}
        height={refused}
      />
    </>
  )
}
