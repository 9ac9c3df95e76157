import type { ReactElement } from 'react'
import type { ListedToken, Token } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { tokenState, tokenWarnings } from './token-state.ts'

/** The state of a token as a badge. */
export function StateBadge({ token }: { token: Token }): ReactElement {
  return <Badge {...tokenState(token, Date.now())} />
}

/** The state of a token, and what needs a look soon. */
export function TokenBadges({ token }: { token: ListedToken }): ReactElement {
  return (
    <span className="badges">
      <StateBadge token={token} />
      {tokenWarnings(token, Date.now()).map((warning) => (
        <Badge key={warning.text} {...warning} />
      ))}
    </span>
  )
}
