import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { clientAddressQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { TracePanel } from './trace-panel.tsx'

/** What was seen of the last request, for people who set up trusted proxies. */
export function ClientAddressCard(): ReactElement {
  const addresses = useQuery(clientAddressQuery)
  return (
    <section className="card stack" aria-labelledby="client-address">
      <div className="row-between">
        <h2 className="section-title" id="client-address">
          What we saw of your last request
        </h2>
        <Button
          size="xs"
          variant="default"
          loading={addresses.isFetching}
          onClick={() => void addresses.refetch()}
        >
          Look again
        </Button>
      </div>
      <p className="small dimmed">
        From the connection on, each hop that is a trusted proxy is believed about the one before
        it. The first that is not one is the client.
      </p>
      {addresses.isError && <ProblemPanel error={addresses.error} />}
      {addresses.isPending && <Skeleton height={160} />}
      {addresses.data !== undefined && (
        <div className="two">
          {addresses.data.lastJudged === null ? (
            <div className="stack-tight">
              <h3 className="hops-title">The last request that was judged</h3>
              <p className="dimmed">None since the start. Call the API once, and look again.</p>
            </div>
          ) : (
            <TracePanel
              title="The last request that was judged"
              trace={addresses.data.lastJudged}
            />
          )}
          <TracePanel title="This browser, at the console" trace={addresses.data.thisRequest} />
        </div>
      )}
    </section>
  )
}
