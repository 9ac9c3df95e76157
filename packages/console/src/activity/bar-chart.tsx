import type { ReactElement } from 'react'
import { type Bar } from './series.ts'

const HEIGHT = 100
const STEP = 10

/** Calls over time as bars, with a table of the same for those who do not see it. */
export function BarChart({ bars, spanMs }: { bars: readonly Bar[]; spanMs: number }): ReactElement {
  const most = Math.max(1, ...bars.map(({ allowed, refused }) => allowed + refused))
  const width = Math.max(1, bars.length) * STEP
  return (
    <figure className="chart">
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
      <div className="row-between small dimmed" aria-hidden="true">
        <span>{spanText(bars[0]?.startsAt ?? 0, spanMs)}</span>
        <span>
          at most {most} in one {spanMs >= DAY_MS ? 'day' : 'hour'}
        </span>
        <span>now</span>
      </div>
      <HiddenTable bars={bars} spanMs={spanMs} />
    </figure>
  )
}

const DAY_MS = 86_400_000

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

function HiddenTable({ bars, spanMs }: { bars: readonly Bar[]; spanMs: number }): ReactElement {
  const filled = bars.filter(({ allowed, refused }) => allowed + refused > 0)
  return (
    <table className="visually-hidden">
      <caption>Calls over time</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Allowed</th>
          <th scope="col">Refused</th>
        </tr>
      </thead>
      <tbody>
        {filled.map(({ startsAt, allowed, refused }) => (
          <tr key={startsAt}>
            <th scope="row">{spanText(startsAt, spanMs)}</th>
            <td>{allowed}</td>
            <td>{refused}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function spanText(startsAt: number, spanMs: number): string {
  return (spanMs >= DAY_MS ? DAY : HOUR).format(startsAt)
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const HOUR = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
