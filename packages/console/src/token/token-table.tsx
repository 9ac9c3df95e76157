import { Checkbox, Skeleton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import type { ListedToken } from '../api/client.ts'
import type { TokenFilters } from '../api/queries.ts'
import { useMay, usePortal } from '../session/use-session.ts'
import { TimeText } from '../time/time-text.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { ExpiryText } from './expiry-text.tsx'
import { TokenBadges } from './state-badge.tsx'
import { TrafficBars } from './traffic-bars.tsx'
import { WorksFromText } from './works-from-text.tsx'
import { LinkButton } from '../shell/link-button.tsx'

/** One row a token; on a narrow page the less urgent columns stand below the name. */
export function TokenTable({ tokens }: { tokens: readonly ListedToken[] }): ReactElement {
  const [pickedIds, setPickedIds] = useState<ReadonlySet<string>>(new Set())
  const mayDisable = useMay('disable')
  const mayRevoke = useMay('revoke')
  const mayPick = mayDisable || mayRevoke
  const picked = tokens.filter(({ id }) => pickedIds.has(id))
  const pick = (ids: readonly string[], isPicked: boolean): void =>
    setPickedIds((before) =>
      isPicked
        ? new Set([...before, ...ids])
        : new Set([...before].filter((id) => !ids.includes(id))),
    )
  return (
    <>
      <div className="card table-card">
        <table className="table">
          <TokenTableHead
            picking={mayPick ? { tokens, pickedCount: picked.length, pick } : undefined}
          />
          <tbody>
            {/* By place: another page of tokens changes words in rows that are there already. */}
            {tokens.map((token, at) => (
              <TokenRow
                key={at}
                token={token}
                picking={mayPick ? { isPicked: pickedIds.has(token.id), pick } : undefined}
              />
            ))}
          </tbody>
        </table>
      </div>
      {picked.length > 0 && <BulkBar picked={picked} onClear={() => setPickedIds(new Set())} />}
    </>
  )
}

type Pick = (ids: readonly string[], isPicked: boolean) => void

function TokenTableHead(props: {
  picking: { tokens: readonly ListedToken[]; pickedCount: number; pick: Pick } | undefined
}): ReactElement {
  const { picking } = props
  const portal = usePortal()
  const maySeeTraffic = useMay('activity')
  return (
    <thead>
      <tr>
        {picking !== undefined && (
          <th scope="col" className="pick-cell">
            <Checkbox
              size="xs"
              aria-label="Pick all tokens of this page"
              checked={picking.pickedCount === picking.tokens.length}
              indeterminate={picking.pickedCount > 0 && picking.pickedCount < picking.tokens.length}
              onChange={(event) =>
                picking.pick(
                  picking.tokens.map(({ id }) => id),
                  event.currentTarget.checked,
                )
              }
            />
          </th>
        )}
        <th scope="col">Name</th>
        {portal === undefined && (
          <th scope="col" className="only-wide">
            Owner
          </th>
        )}
        <th scope="col">Works from</th>
        {maySeeTraffic && (
          <th scope="col" className="only-wide">
            Last 36 hours
          </th>
        )}
        <th scope="col" className="only-wide">
          Last used
        </th>
        <th scope="col" className="only-wide">
          Expires
        </th>
        <th scope="col" className="only-wide">
          Status
        </th>
      </tr>
    </thead>
  )
}

function TokenRow(props: {
  token: ListedToken
  picking: { isPicked: boolean; pick: Pick } | undefined
}): ReactElement {
  const { token, picking } = props
  const portal = usePortal()
  return (
    <tr>
      {picking !== undefined && (
        <td className="pick-cell">
          <Checkbox
            size="xs"
            aria-label={`Pick ${token.name}`}
            checked={picking.isPicked}
            onChange={(event) => picking.pick([token.id], event.currentTarget.checked)}
          />
        </td>
      )}
      <NameCell token={token} />
      {portal === undefined && <td className="only-wide wrap owner-cell">{token.owner}</td>}
      <td>
        <WorksFromText token={token} />
      </td>
      {token.traffic !== undefined && (
        <td className="only-wide">
          <TrafficBars name={token.name} traffic={token.traffic} />
        </td>
      )}
      <td className="only-wide nowrap">
        {token.lastUsedAt === null ? (
          <span className="dimmed">never</span>
        ) : (
          <TimeText value={token.lastUsedAt} />
        )}
      </td>
      <td className="only-wide nowrap">
        <ExpiryText token={token} />
      </td>
      <td className="only-wide">
        <TokenBadges token={token} />
      </td>
    </tr>
  )
}

function NameCell({ token }: { token: ListedToken }): ReactElement {
  const portal = usePortal()
  return (
    <td>
      <Link to="/tokens/$id/access" params={{ id: token.id }} className="main-link">
        {token.name}
      </Link>
      <div className="small dimmed">
        <span className="mono">{token.hint}</span>
        {portal === undefined && <span className="only-narrow wrap"> {token.owner}</span>}
      </div>
      <div className="only-narrow token-badges">
        <TokenBadges token={token} />
      </div>
    </td>
  )
}

/** What stands there until the tokens are. */
export function TokenTableSkeleton(): ReactElement {
  return (
    <div className="card table-card" role="status" aria-busy="true" aria-label="Loading">
      {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
        <div key={row} className="skeleton-row">
          <Skeleton height={16} width="45%" />
          <Skeleton height={16} width="20%" />
          <Skeleton height={16} width="12%" />
        </div>
      ))}
    </div>
  )
}

/** In place of the table when there is nothing to show. */
export function NoTokens({ filters }: { filters: TokenFilters }): ReactElement {
  const mayCreate = useMay('create')
  const portal = usePortal()
  const isNarrowed = Object.keys(filters).length > 0
  return (
    <div className="card empty">
      <div className="stack">
        <h2 className="section-title">
          {isNarrowed ? 'No token is like this' : 'There are no tokens yet'}
        </h2>
        <p className="dimmed">
          {isNarrowed
            ? `Look for another name${portal === undefined ? ', owner' : ''} or status.`
            : mayCreate
              ? 'Create one, say where it will be used, and its secret is shown once.'
              : 'As soon as one is made for you, it is shown here.'}
        </p>
        <div>
          {isNarrowed ? (
            <LinkButton to="/tokens" variant="default" reloadDocument>
              Show all tokens
            </LinkButton>
          ) : (
            mayCreate && <LinkButton to="/tokens/new">Create the first token</LinkButton>
          )}
        </div>
      </div>
    </div>
  )
}
