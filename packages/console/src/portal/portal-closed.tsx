import type { ReactElement } from 'react'
import { Panel } from '../notice/panel.tsx'
import { DoorCard } from '../session/door-card.tsx'

/** In place of a sign-in: an owner comes in by a link of the provider's, and by nothing else. */
export function PortalClosed(): ReactElement {
  return (
    <DoorCard title="Open this page anew">
      <Panel tone="warn">
        This link was used or has expired: ask for a new one from where you came.
      </Panel>
      <p className="small dimmed">A link works once, and for five minutes.</p>
    </DoorCard>
  )
}
