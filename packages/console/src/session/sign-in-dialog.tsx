import { type ReactElement, useSyncExternalStore } from 'react'
import { Dialog } from '../notice/dialog.tsx'
import { isSignInNeeded, onSignInNeeded } from '../api/session-fetch.ts'
import { PortalEnded } from '../portal/portal-ended.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { usePortal } from './use-session.ts'

/** Over whatever page is open when its session ends: afterwards the page goes on where it was. */
export function SignInDialog(): ReactElement {
  const isNeeded = useSyncExternalStore(onSignInNeeded, isSignInNeeded)
  const portal = usePortal()
  return (
    <Dialog opened={isNeeded} title="Your session has ended" layer="signIn">
      {portal === undefined ? (
        <div className="stack">
          <p className="small dimmed">
            Sign in to go on. What you entered on the page is still there.
          </p>
          {/* The answered sign-in closes the dialog by itself. */}
          <SignInForm onSignedIn={() => {}} />
        </div>
      ) : (
        <PortalEnded portal={portal} />
      )}
    </Dialog>
  )
}
