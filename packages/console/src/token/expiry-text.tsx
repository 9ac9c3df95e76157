import type { ReactElement } from 'react'
import type { Token } from '../api/client.ts'
import { TimeText } from '../time/time-text.tsx'

/** When a token expires. */
export function ExpiryText({ token }: { token: Token }): ReactElement {
  if (token.expiresAt === null) return <span className="dimmed">never</span>
  return <TimeText value={token.expiresAt} />
}
