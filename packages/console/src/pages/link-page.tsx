import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useEffect, useState } from 'react'
import { isUnreachable } from '../api/problem.ts'
import type { LinkPurpose } from '../api/session.ts'
import { sessionQuery } from '../api/queries.ts'
import { checkLink } from '../api/session-client.ts'
import { PortalEntry } from '../portal/portal-entry.tsx'
import { Panel } from '../notice/panel.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { DoorCard } from '../session/door-card.tsx'
import { LinkEntry } from '../session/link-entry.tsx'
import { LinkForm } from '../session/link-form.tsx'

/** What a one-time link opens: its secret stands in the fragment, which no server log sees. */
export function LinkPage(): ReactElement {
  const link = useLinkInUrl()
  const session = useQuery(sessionQuery)
  const isPortal = session.data !== undefined && 'portal' in session.data
  const checked = useQuery({
    queryKey: ['link', link],
    queryFn: () => checkLink(link),
    enabled: link !== '' && session.data !== undefined && !isPortal,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (isPortal) return <PortalEntry link={link} />
  if (checked.data !== undefined) return <LiveLink key={link} link={link} purpose={checked.data} />
  const { error } = checked.isError ? checked : session
  if (isUnreachable(error)) {
    return (
      <DoorCard title="One-time link">
        <ProblemPanel error={error} onRetry={() => location.reload()} />
      </DoorCard>
    )
  }
  if (link === '' || checked.isError) return <DeadLink />
  return (
    <DoorCard title="One-time link">
      <Skeleton height={36} />
      <Skeleton height={36} />
    </DoorCard>
  )
}

/** The link, and each further one that is opened in this tab: that loads no page, but tells of its hash. */
function useLinkInUrl(): string {
  const [link, setLink] = useState(() => location.hash.slice(1))
  useEffect(() => {
    const take = (): void => {
      if (location.hash === '') return
      setLink(location.hash.slice(1))
      // Out of the address bar and of the history, where it would be read by others.
      history.replaceState(history.state, '', location.pathname)
    }
    take()
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [])
  return link
}

function LiveLink({ link, purpose }: { link: string; purpose: LinkPurpose }): ReactElement {
  if (purpose.purpose === 'sign_in') return <LinkEntry link={link} />
  return <LinkForm link={link} purpose={{ ...purpose, purpose: purpose.purpose }} />
}

function DeadLink(): ReactElement {
  return (
    <DoorCard title="This link does not work">
      <Panel tone="warn">It was used already, or it is too old, or a part of it is missing.</Panel>
      <p>
        Ask for another: <code className="mono">keyfence admin link</code> makes one.
      </p>
      <Link to="/sign-in">Sign in with a password</Link>
    </DoorCard>
  )
}
