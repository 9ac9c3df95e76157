import type { ReactElement } from 'react'
import type { Token } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { tokenState } from './token-state.ts'

/** The state of a token as a badge. */
export function StateBadge({ token }: { token: Token }): ReactElement {
  return <Badge {...tokenState(token, Date.now())} />
}
