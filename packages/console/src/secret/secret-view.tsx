import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import type { Token } from '../api/client.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { Panel } from '../notice/panel.tsx'
import { useMay } from '../session/use-session.ts'
import { FirstCall } from './first-call.tsx'
import { SecretCard } from './secret-card.tsx'
import { SnippetCard } from './snippet-card.tsx'
import { LinkButton } from '../shell/link-button.tsx'

/** A new token with its secret, which is never shown again. */
export function SecretView({
  token,
  secret,
}: {
  token: Token
  secret: string | undefined
}): ReactElement {
  const [isTaken, setIsTaken] = useState(false)
  const maySee = useMay('activity')
  if (secret === undefined) {
    return (
      <div className="stack">
        <Panel tone="warn">
          The token exists, and its secret was shown already. Rotate it if nobody kept the secret.
        </Panel>
        <Link to="/tokens/$id/settings" params={{ id: token.id }}>
          Settings of the token
        </Link>
      </div>
    )
  }
  return (
    <div className="stack">
      <SecretCard secret={secret} isTaken={isTaken} onTaken={() => setIsTaken(true)} />
      <SnippetCard secret={secret} restrictions={token.restrictions} />
      {maySee && <FirstCall id={token.id} />}
      <div>
        <LinkButton to="/tokens/$id/access" params={{ id: token.id }} variant="default">
          Go to access control
        </LinkButton>
      </div>
      <LeaveQuestion
        isAsked={!isTaken}
        title="Leave without the secret?"
        text="It was not copied yet, and it is never shown again. Without it the token has to be rotated."
      />
    </div>
  )
}
