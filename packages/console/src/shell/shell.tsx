import { useQuery } from '@tanstack/react-query'
import { Outlet, Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { entrySettingsQuery } from '../api/queries.ts'
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
            {(portal === undefined ? PAGES : OWNERS_PAGES).map(({ to, title }) => (
              <Link key={to} to={to} className="bar-link">
                {title}
              </Link>
            ))}
          </nav>
          <ColorSchemeSwitch />
          {portal === undefined ? <Account /> : <PortalExit portal={portal} />}
        </div>
      </header>
      <PrivateAddressesBanner />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  )
}

const PAGES = [
  { to: '/tokens', title: 'Tokens' },
  { to: '/overview', title: 'Overview' },
  { to: '/audit', title: 'Audit' },
  { to: '/people', title: 'People' },
  { to: '/settings', title: 'Settings' },
] as const

/** An owner sees tokens and what is theirs; the rest is the provider's. */
const OWNERS_PAGES = PAGES.slice(0, 1)

/** So that nobody takes a demo for the real thing. */
function PrivateAddressesBanner(): ReactElement | null {
  const { data } = useQuery(entrySettingsQuery)
  if (data?.allowPrivateAddresses !== true) return null
  return (
    <aside className="notice-bar small" aria-label="About this installation">
      Private addresses may be listed here: this is for tests and for installations inside a
      network.
    </aside>
  )
}
