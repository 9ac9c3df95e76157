import { Outlet } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { Panel } from '../notice/panel.tsx'
import { LinkButton } from '../shell/link-button.tsx'
import { PageTitle } from '../shell/page-title.tsx'
import { useMay, usePortal } from './use-session.ts'

/** Around pages that make a token. */
export function CreatorsPages(): ReactElement {
  return <OpenedPages isOpen={useMay('create')} />
}

/** Around pages of the provider's, which no portal has. */
export function ProvidersPages(): ReactElement {
  return <OpenedPages isOpen={usePortal() === undefined} />
}

/** Judged when somebody comes: what they type or a secret that is shown there is not taken away. */
function OpenedPages({ isOpen }: { isOpen: boolean }): ReactElement {
  const [wasOpen] = useState(isOpen)
  return wasOpen ? <Outlet /> : <ClosedPage />
}

function ClosedPage(): ReactElement {
  const portal = usePortal()
  return (
    <div className="page page-narrow">
      <PageTitle title="This page is not open to you" />
      <div className="stack">
        <Panel tone="quiet">
          {portal === undefined
            ? 'Your account may only look. Ask an administrator.'
            : 'This link does not open it. Ask who gave it to you for more.'}
        </Panel>
        <div>
          <LinkButton to="/tokens" variant="default">
            Go to the tokens
          </LinkButton>
        </div>
      </div>
    </div>
  )
}
