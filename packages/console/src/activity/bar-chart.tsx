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
          at most {most} in one {spanMs >= DAY_MS ? 'day (UTC)' : 'hour'}
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
      <path className="allowed" d={pathOf(bars, most, 'allowed')} />
      <path className="refused" d={pathOf(bars, most, 'refused')} />
    </svg>
  )
}

function mostCalls(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ allowed, refused }) => allowed + refused))
}

/** All bars of a kind as one shape: a list of tokens has nearly two thousand of them. */
function pathOf(bars: readonly Bar[], most: number, kind: 'allowed' | 'refused'): string {
  const heightOf = (calls: number): number => (calls / most) * (HEIGHT - 4)
  return bars
    .map((bar, at) => {
      if (bar[kind] === 0) return ''
      // Refusals stand upon what was allowed.
      const top = HEIGHT - heightOf(kind === 'allowed' ? bar.allowed : bar.allowed + bar.refused)
      const width = STEP - 2
      return `M${at * STEP + 1} ${top}h${width}v${heightOf(bar[kind])}h${-width}z`
    })
    .join('')
}
