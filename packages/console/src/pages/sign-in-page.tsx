import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type ReactElement, useEffect } from 'react'
import { sessionQuery } from '../api/queries.ts'
import { DoorCard } from '../session/door-card.tsx'
import { SignInForm } from '../session/sign-in-form.tsx'
import { PortalClosed } from '../portal/portal-closed.tsx'
import { Panel } from '../notice/panel.tsx'

const route = getRouteApi('/sign-in')

/** The way in; afterwards to the page that was asked for. */
export function SignInPage(): ReactElement {
  const { next = '/tokens' } = route.useSearch()
  const router = useRouter()
  const { data: session } = useQuery(sessionQuery)
  const isSignedIn = session?.signedIn === true
  useEffect(() => {
    if (isSignedIn) router.history.replace(next)
  }, [isSignedIn, next, router])
  if (session !== undefined && 'portal' in session) return <PortalClosed />
  if (session?.signedIn === false && session.needsSetUp) return <SetUpFirst />
  return (
    <DoorCard title="Sign in to Keyfence">
      <SignInForm onSignedIn={() => {}} />
      <p className="small dimmed">
        Forgotten the password? Who runs Keyfence makes a one-time link with{' '}
        <code className="mono">keyfence admin link</code>.
      </p>
    </DoorCard>
  )
}

function SetUpFirst(): ReactElement {
  return (
    <DoorCard title="Set up Keyfence">
      <p>
        There is no administrator yet. Open the one-time link that was printed at the first start.
      </p>
      <Panel tone="quiet">
        It works once, for 30 minutes. <code className="mono">keyfence admin link</code> makes
        another.
      </Panel>
    </DoorCard>
  )
}
