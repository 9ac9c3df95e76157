import { Outlet, Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Icon } from '../icon/icon.tsx'
import { PortalExit } from '../portal/portal-exit.tsx'
import { Account } from '../session/account.tsx'
import { usePortal } from '../session/use-session.ts'
import { ColorSchemeSwitch } from '../theme/color-scheme-switch.tsx'

/** What stands around every page of somebody who is signed in. */
export function Shell(): ReactElement {
  const portal = usePortal()
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="bar">
        <div className="bar-inner">
          <Link to="/tokens" className="brand" aria-label="Keyfence: all tokens">
            <Icon name="fence" size={22} />
            <span>Keyfence</span>
          </Link>
          <nav aria-label="Pages">
            <Link to="/tokens" className="bar-link">
              Tokens
            </Link>
          </nav>
          <ColorSchemeSwitch />
          {portal === undefined ? <Account /> : <PortalExit portal={portal} />}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  )
}
