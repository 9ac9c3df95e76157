import { Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { AuditEntry } from '../api/client.ts'
import { auditQuery } from '../api/queries.ts'
import { AuditFilterFields } from '../audit/audit-filter-fields.tsx'
import {
  ACTION_WORDS,
  actorText,
  detailLines,
  type NamesById,
  targetText,
} from '../audit/audit-words.ts'
import { useNames } from '../audit/use-names.ts'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { LinkButton } from '../shell/link-button.tsx'
import { ListPages } from '../shell/list-pages.tsx'
import { PageTitle } from '../shell/page-title.tsx'
import { TimeText } from '../time/time-text.tsx'

const route = getRouteApi('/signed-in/providers/audit')

/** Who changed what, newest first; filters live in the URL. */
export function AuditPage(): ReactElement {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const names = useNames()
  const audit = useQuery({ ...auditQuery(filters), placeholderData: keepPreviousData })
  const narrow = (changed: Readonly<Record<string, string>>): void => {
    const { actor, action, target } = { ...filters, ...changed }
    const given = Object.entries({ actor, action, target }).filter(([, value]) => Boolean(value))
    void navigate({ search: Object.fromEntries(given), replace: true })
  }
  const entries = audit.data?.items ?? []
  return (
    <div className="page">
      <PageTitle title="Audit" />
      <div className="stack">
        <AuditFilterFields filters={filters} names={names} onNarrow={narrow} />
        {audit.isError && <ProblemPanel error={audit.error} onRetry={() => void audit.refetch()} />}
        {audit.isPending && <Skeleton height={320} role="status" aria-label="Loading" />}
        {audit.data !== undefined && entries.length === 0 && <NoEntries filters={filters} />}
        {entries.length > 0 && (
          <ul className="card log" aria-label="Changes, newest first">
            {entries.map((entry) => (
              <EntryRow key={entry.id} entry={entry} names={names} />
            ))}
          </ul>
        )}
        <ListPages
          previousCursor={audit.data?.previousCursor}
          nextCursor={audit.data?.nextCursor}
          onGo={({ cursor, before }) =>
            void navigate({ search: (search) => ({ ...search, cursor, before }) })
          }
        />
      </div>
    </div>
  )
}

function EntryRow({ entry, names }: { entry: AuditEntry; names: NamesById }): ReactElement {
  const details = detailLines(entry)
  return (
    <li className="log-entry">
      <div className="row-between">
        <span className="wrap">
          <strong>{actorText(entry, names)}</strong> {ACTION_WORDS[entry.action]}{' '}
          <Target entry={entry} names={names} />
        </span>
        <span className="small dimmed nowrap">
          <TimeText value={entry.createdAt} />
        </span>
      </div>
      {details.length > 0 && (
        <details className="small">
          <summary className="dimmed">Details</summary>
          <ul className="plain-list mono wrap">
            {details.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

function Target({ entry, names }: { entry: AuditEntry; names: NamesById }): ReactElement {
  const text = targetText(entry, names)
  const isThere = entry.target.startsWith('tok_') && entry.action !== 'token.delete'
  if (!isThere) return <span>{text}</span>
  return (
    <Link to="/tokens/$id/access" params={{ id: entry.target }}>
      {text}
    </Link>
  )
}

function NoEntries({ filters }: { filters: object }): ReactElement {
  const isNarrowed = Object.keys(filters).length > 0
  return (
    <div className="card empty stack">
      <h2 className="section-title">
        {isNarrowed ? 'Nothing like this was changed' : 'Nothing was changed yet'}
      </h2>
      <p className="dimmed">
        {isNarrowed
          ? 'Look for another person, change or id.'
          : 'Every change of a token, key or administrator will stand here.'}
      </p>
      {isNarrowed && (
        <div>
          <LinkButton to="/audit" search={{}} variant="default" reloadDocument>
            Show all changes
          </LinkButton>
        </div>
      )}
    </div>
  )
}
