import { Skeleton } from '@mantine/core'
import { type ReactElement, useCallback, useState } from 'react'
import type { ListedToken } from '../api/client.ts'
import type { TokenFilters } from '../api/queries.ts'
import { useMay, usePortal } from '../session/use-session.ts'
import { BulkBar } from './bulk-bar.tsx'
import { PickBox } from './pick-box.tsx'
import { type Pick, TokenRow } from './token-row.tsx'
import { LinkButton } from '../shell/link-button.tsx'

/** One row a token; on a narrow page the less urgent columns stand below the name. */
export function TokenTable({ tokens }: { tokens: readonly ListedToken[] }): ReactElement {
  const [pickedIds, setPickedIds] = useState<ReadonlySet<string>>(new Set())
  const portal = usePortal()
  const mayDisable = useMay('disable')
  const mayRevoke = useMay('revoke')
  const mayPick = mayDisable || mayRevoke
  const picked = tokens.filter(({ id }) => pickedIds.has(id))
  // One function for good, or every row would be drawn anew.
  const pick = useCallback<Pick>(
    (ids, isPicked) =>
      setPickedIds((before) =>
        isPicked
          ? new Set([...before, ...ids])
          : new Set([...before].filter((id) => !ids.includes(id))),
      ),
    [],
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
                withOwner={portal === undefined}
                picking={!mayPick ? 'off' : pickedIds.has(token.id) ? 'picked' : 'unpicked'}
                onPick={pick}
              />
            ))}
          </tbody>
        </table>
      </div>
      {picked.length > 0 && <BulkBar picked={picked} onClear={() => setPickedIds(new Set())} />}
    </>
  )
}

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
            <PickBox
              label="Pick all tokens of this page"
              picked={pickedOf(picking.pickedCount, picking.tokens.length)}
              onPick={(isPicked) =>
                picking.pick(
                  picking.tokens.map(({ id }) => id),
                  isPicked,
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

function pickedOf(count: number, all: number): 'all' | 'some' | 'none' {
  if (count === all) return 'all'
  return count === 0 ? 'none' : 'some'
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
            ? `Look for another name${portal === undefined ? ', owner' : ''}, status or warning.`
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
