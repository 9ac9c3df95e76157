import { SegmentedControl, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import type { TokenActivity } from '../api/client.ts'
import { activityQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { BarChart } from './bar-chart.tsx'
import { REASON_WORDS } from './reason-words.ts'
import { barsOf, totalsOf } from './series.ts'
import { TotalsLine } from './totals-line.tsx'

/** How the calls of a token came out over time, and why. */
export function CountsCard(props: {
  id: string
  days: number
  onDays: (days: number) => void
}): ReactElement {
  const { id, days, onDays } = props
  const activity = useQuery({ ...activityQuery(id, days), placeholderData: keepPreviousData })
  return (
    <section className="card stack" aria-labelledby="calls">
      <div className="row-between">
        <h2 className="section-title" id="calls">
          Calls
        </h2>
        <SegmentedControl
          size="xs"
          aria-label="Time"
          data={[
            { value: '1', label: '24 hours' },
            { value: '7', label: '7 days' },
            { value: '30', label: '30 days' },
          ]}
          value={String(days)}
          onChange={(value) => onDays(Number(value))}
        />
      </div>
      {activity.isError && (
        <ProblemPanel error={activity.error} onRetry={() => void activity.refetch()} />
      )}
      {activity.isPending && <Skeleton height={220} />}
      {activity.data !== undefined && <Counts activity={activity.data} />}
    </section>
  )
}

function Counts({ activity }: { activity: TokenActivity }): ReactElement {
  const totals = totalsOf(activity.counts)
  if (totals.allowed + totals.refused === 0) {
    return <p className="dimmed">No call came in this time.</p>
  }
  return (
    <>
      <TotalsLine {...totals} />
      <BarChart bars={barsOf(activity)} spanMs={activity.spanMs} />
      <Reasons counts={activity.counts} />
    </>
  )
}

function Reasons({ counts }: { counts: TokenActivity['counts'] }): ReactElement {
  return (
    <table className="table plain-table">
      <caption className="visually-hidden">Calls by reason</caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col">Source</th>
          <th scope="col" className="number">
            Calls
          </th>
        </tr>
      </thead>
      <tbody>
        {counts.map(({ reason, source, effect, enforced, count }) => (
          <tr key={`${effect} ${reason} ${source} ${enforced}`}>
            <td>
              <Outcome effect={effect} enforced={enforced} />: {REASON_WORDS[reason]}
            </td>
            <td className="dimmed">{source ?? 'unknown'}</td>
            <td className="number">{NUMBER.format(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Outcome(counted: Pick<TokenActivity['counts'][number], 'effect' | 'enforced'>) {
  if (counted.effect === 'deny') return <span className="tone-bad">Refused</span>
  return counted.enforced ? <span>Allowed</span> : <span className="tone-warn">Let through</span>
}

const NUMBER = new Intl.NumberFormat('en')
