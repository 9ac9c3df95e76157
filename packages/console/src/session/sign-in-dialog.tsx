import { type ReactElement, useSyncExternalStore } from 'react'
import { Dialog } from '../notice/dialog.tsx'
import { isSignInNeeded, onSignInNeeded } from '../api/session-fetch.ts'
import { SignInForm } from './sign-in-form.tsx'

/** Over whatever page is open when its session ends: afterwards the page goes on where it was. */
export function SignInDialog(): ReactElement {
  const isNeeded = useSyncExternalStore(onSignInNeeded, isSignInNeeded)
  return (
    <Dialog opened={isNeeded} title="Your session has ended">
      <div className="stack">
        <p className="small dimmed">
          Sign in to go on. What you entered on the page is still there.
        </p>
        {/* The answered sign-in closes the dialog by itself. */}
        <SignInForm onSignedIn={() => {}} />
      </div>
    </Dialog>
  )
}
