import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Token } from '../api/client.ts'
import { ApiProblem } from '../api/problem.ts'
import { tokenQuery } from '../api/queries.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { PageTitle } from '../shell/page-title.tsx'
import { useMay, usePortal } from '../session/use-session.ts'
import { useMaySet } from '../settings/use-may-set.ts'
import { StateBadge } from '../token/state-badge.tsx'

const route = getRouteApi('/signed-in/tokens/$id')

/** What stands above the pages of one token. */
export function TokenPage(): ReactElement {
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(tokenQuery(id))
  return (
    <div className="page">
      <p className="small breadcrumb">
        <Link to="/tokens">Tokens</Link>
      </p>
      {data === undefined && error === null && <TokenSkeleton />}
      {data === undefined && error !== null && (
        <NoToken error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <>
          <TokenHead token={data.token} />
          <TokenTabs id={id} />
          {/* The history leads from one token to another: what was typed for one stays with it. */}
          <Outlet key={id} />
        </>
      )}
    </div>
  )
}

function TokenHead({ token }: { token: Token }): ReactElement {
  const portal = usePortal()
  return (
    <PageTitle title={token.name}>
      <div className="row-wrap small">
        <StateBadge token={token} />
        <span className="mono dimmed">{token.hint}</span>
        {portal === undefined && <span className="dimmed wrap">owner {token.owner}</span>}
      </div>
    </PageTitle>
  )
}

function TokenTabs({ id }: { id: string }): ReactElement {
  const maySee = useMay('activity')
  const maySet = useMaySet()
  return (
    <nav className="tabs" aria-label="Pages of this token">
      <Link to="/tokens/$id/access" params={{ id }} className="tab">
        Access control
      </Link>
      {maySee && (
        <Link to="/tokens/$id/activity" params={{ id }} className="tab">
          Activity
        </Link>
      )}
      {maySet.any && (
        <Link to="/tokens/$id/settings" params={{ id }} className="tab">
          Settings
        </Link>
      )}
    </nav>
  )
}

function TokenSkeleton(): ReactElement {
  return (
    <div className="stack" role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={32} width="40%" />
      <Skeleton height={40} />
      <div className="two">
        <Skeleton height={320} />
        <Skeleton height={320} />
      </div>
    </div>
  )
}

function NoToken({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactElement {
  const isMissing = error instanceof ApiProblem && error.status === 404
  if (!isMissing) return <ProblemPanel error={error} onRetry={onRetry} />
  return (
    <div className="card empty stack">
      <h1 className="section-title">There is no such token</h1>
      <p className="dimmed">It may have been deleted, or the address is not whole.</p>
      <Link to="/tokens">Look for it among all tokens</Link>
    </div>
  )
}
