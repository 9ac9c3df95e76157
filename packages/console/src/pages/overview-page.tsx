import { SegmentedControl, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { BarChart } from '../activity/bar-chart.tsx'
import { barsOf, totalsOf } from '../activity/series.ts'
import { TotalsLine } from '../activity/totals-line.tsx'
import type { Overview } from '../api/client.ts'
import { overviewQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { AttentionCards } from '../overview/attention-cards.tsx'
import { NodesCard } from '../overview/nodes-card.tsx'
import { PageTitle } from '../shell/page-title.tsx'

const route = getRouteApi('/signed-in/providers/overview')

/** What needs attention, how all calls come out, and how the nodes are. */
export function OverviewPage(): ReactElement {
  const { days = 1 } = route.useSearch()
  const navigate = route.useNavigate()
  const overview = useQuery({
    ...overviewQuery(days === 7 ? '7' : '1'),
    placeholderData: keepPreviousData,
  })
  return (
    <div className="page">
      <PageTitle title="Overview" />
      <div className="stack">
        {overview.isError && (
          <ProblemPanel error={overview.error} onRetry={() => void overview.refetch()} />
        )}
        {overview.isPending && <Skeleton height={110} role="status" aria-label="Loading" />}
        {overview.data !== undefined && <AttentionCards attention={overview.data.attention} />}
        {!overview.isError && (
          <section className="card stack" aria-labelledby="traffic">
            <div className="row-between">
              <h2 className="section-title" id="traffic">
                Calls of all tokens
              </h2>
              <SegmentedControl
                size="xs"
                aria-label="Time"
                data={[
                  { value: '1', label: '24 hours' },
                  { value: '7', label: '7 days' },
                ]}
                value={String(days)}
                onChange={(value) =>
                  void navigate({ search: value === '7' ? { days: 7 } : {}, replace: true })
                }
              />
            </div>
            {overview.isPending && <Skeleton height={180} />}
            {overview.data !== undefined && <Traffic overview={overview.data} />}
          </section>
        )}
        <NodesCard />
      </div>
    </div>
  )
}

function Traffic({ overview }: { overview: Overview }): ReactElement {
  const totals = totalsOf(overview.series)
  if (totals.allowed + totals.refused === 0) {
    return <p className="dimmed">No call came in this time. Point an application here and call.</p>
  }
  return (
    <>
      <TotalsLine {...totals} />
      <BarChart bars={barsOf(overview)} spanMs={overview.spanMs} />
    </>
  )
}
