import type { ReactElement } from 'react'
import type { Token } from '../api/client.ts'
import { TimeText } from '../time/time-text.tsx'
import { isExpiringSoon } from './token-state.ts'

/** When a token expires; standing out from 7 days before. */
export function ExpiryText({ token }: { token: Token }): ReactElement {
  if (token.expiresAt === null) return <span className="dimmed">never</span>
  if (!isExpiringSoon(token, Date.now())) return <TimeText value={token.expiresAt} />
  return (
    <span className="badge" data-tone="warn">
      <TimeText value={token.expiresAt} />
    </span>
  )
}
