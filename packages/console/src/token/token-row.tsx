import { memo, type ReactElement } from 'react'
import type { ListedToken } from '../api/client.ts'
import { TimeText } from '../time/time-text.tsx'
import { ExpiryText } from './expiry-text.tsx'
import { PickBox } from './pick-box.tsx'
import { TokenBadges } from './state-badge.tsx'
import { TokenLink } from './token-link.tsx'
import { TrafficBars } from './traffic-bars.tsx'
import { WorksFromText } from './works-from-text.tsx'

/** Picks tokens, or lets go of them. */
export type Pick = (ids: readonly string[], isPicked: boolean) => void

interface TokenRowProps {
  readonly token: ListedToken
  /** In a portal, all are the same owner's. */
  readonly withOwner: boolean
  readonly picking: 'off' | 'picked' | 'unpicked'
  readonly onPick: Pick
}

/** One token of the list; drawn anew when something of it changes, not whenever the page does. */
export const TokenRow = memo(function TokenRow(props: TokenRowProps): ReactElement {
  const { token, withOwner, picking, onPick } = props
  return (
    <tr>
      {picking !== 'off' && (
        <td className="pick-cell">
          <PickBox
            label={`Pick ${token.name}`}
            picked={picking === 'picked' ? 'all' : 'none'}
            onPick={(isPicked) => onPick([token.id], isPicked)}
          />
        </td>
      )}
      <NameCell token={token} withOwner={withOwner} />
      {withOwner && <td className="only-wide wrap owner-cell">{token.owner}</td>}
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
})

function NameCell({ token, withOwner }: { token: ListedToken; withOwner: boolean }): ReactElement {
  return (
    <td>
      <TokenLink id={token.id} name={token.name} />
      <div className="small dimmed">
        <span className="mono">{token.hint}</span>
        {withOwner && <span className="only-narrow wrap"> {token.owner}</span>}
      </div>
      <div className="only-narrow token-badges">
        <TokenBadges token={token} />
      </div>
    </td>
  )
}
