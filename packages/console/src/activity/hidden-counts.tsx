import type { ReactElement } from 'react'
import type { Bar } from './series.ts'

export const DAY_MS = 86_400_000

/** Counts over time as a table for those who do not see the bars; spans without a call left out. */
export function HiddenCounts(props: {
  caption: string
  bars: readonly Bar[]
  spanMs: number
}): ReactElement {
  const { caption, bars, spanMs } = props
  const filled = bars.filter(({ allowed, refused }) => allowed + refused > 0)
  return (
    <table className="visually-hidden">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{spanMs >= DAY_MS ? 'Day (UTC)' : 'From'}</th>
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

/** When a span began, as short as can be; days are counted by UTC, wherever the reader is. */
export function spanText(startsAt: number, spanMs: number): string {
  return (spanMs >= DAY_MS ? DAY : HOUR).format(startsAt)
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const HOUR = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
