import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { Dialog } from '../notice/dialog.tsx'
import { CopyButton } from '../secret/copy-button.tsx'
import { exactTime } from '../time/relative-time.ts'

/** A sign-in link, and whose it is. */
export interface MadeLink {
  readonly name: string
  readonly link: string
  readonly expiresAt: string
}

/** A link to be handed on now. */
export function LinkDialog(props: {
  made: MadeLink | undefined
  onClose: () => void
}): ReactElement {
  const { made, onClose } = props
  return (
    // Closed by a stray click or key, the link would be gone.
    <Dialog opened={made !== undefined} title="A link to sign in" size="lg">
      {made !== undefined && <LinkText key={made.link} made={made} onClose={onClose} />}
    </Dialog>
  )
}

function LinkText({ made, onClose }: { made: MadeLink; onClose: () => void }): ReactElement {
  const [isTaken, setIsTaken] = useState(false)
  return (
    <div className="stack">
      <p className="wrap">
        Hand it to <strong>{made.name}</strong>, who chooses a password with it. It works once,
        until {exactTime(Date.parse(made.expiresAt))}, and is never shown again.
      </p>
      <div className="secret" data-testid="link">
        {made.link}
      </div>
      <div className="row-wrap">
        <CopyButton
          text={made.link}
          label="Copy link"
          variant="filled"
          onCopied={() => setIsTaken(true)}
        />
        <Button size="xs" variant="default" onClick={onClose}>
          {isTaken ? 'Done' : 'Close without copying'}
        </Button>
      </div>
      <LeaveQuestion
        isAsked={!isTaken}
        title="Leave without the link?"
        text="It was not copied yet, and it is never shown again. Without it, make another sign-in link."
      />
    </div>
  )
}
