import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { settingsQuery } from '../api/queries.ts'
import { ClientAddressCard } from '../node/client-address-card.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { PageTitle } from '../shell/page-title.tsx'

/** The settings that the node runs with, and what it makes of addresses. */
export function SettingsPage(): ReactElement {
  const settings = useQuery(settingsQuery)
  return (
    <div className="page">
      <PageTitle title="Settings" />
      <div className="stack">
        <ClientAddressCard />
        <section className="card stack" aria-labelledby="running">
          <div>
            <h2 className="section-title" id="running">
              This node runs with
            </h2>
            <p className="small dimmed">
              Changed where it is started: by flags, the environment or its file of settings.
            </p>
          </div>
          {settings.isError && (
            <ProblemPanel error={settings.error} onRetry={() => void settings.refetch()} />
          )}
          {settings.isPending && <Skeleton height={260} />}
          {settings.data !== undefined && <Facts rows={rowsOf(settings.data)} />}
        </section>
      </div>
    </div>
  )
}

type Row = readonly [title: string, value: ReactNode]

function Facts({ rows }: { rows: readonly Row[] }): ReactElement {
  return (
    <dl className="facts">
      {rows.map(([title, value]) => (
        <div key={title} className="facts-row">
          <dt>{title}</dt>
          <dd className="wrap">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type Settings = NonNullable<Awaited<ReturnType<NonNullable<typeof settingsQuery.queryFn>>>>

function rowsOf(settings: Settings): readonly Row[] {
  const { trustedProxies, tokenFields, tokenQuery } = settings
  const fields = tokenFields.map(({ name, scheme }) =>
    scheme === null ? name : `${name}: ${scheme}`,
  )
  return [
    ['Trusted proxies', trustedProxies.length === 0 ? 'none' : trustedProxies.join(', ')],
    ['Tokens are read from', fields.join(', ')],
    ['Token in the query', tokenQuery === null ? 'not read' : tokenQuery],
    ['Prefix of new tokens', settings.tokenPrefix],
    ['Domains a token', `${settings.maxDomains} at most`],
    ['Addresses a token', `${settings.maxIps} at most`],
    ['Address ranges', settings.allowIpRanges ? 'may be listed' : 'may not be listed'],
    ['Private addresses', settings.allowPrivateAddresses ? 'may be listed' : 'may not be listed'],
    ['Pages over http', settings.httpsOriginsOnly ? 'match no domain' : 'match as https ones do'],
    ['Refusals are kept', `${settings.activityDays} days, ${settings.refusalsPerTokenMax} a token`],
    [
      'A session ends',
      `after ${settings.sessionIdleMinutes} minutes without a request, after ${settings.sessionHoursMax} hours in any case`,
    ],
    ['Address of the console', settings.publicUrl],
  ]
}
