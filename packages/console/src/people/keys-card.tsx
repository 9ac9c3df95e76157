import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { keysQuery } from '../api/queries.ts'
import { Dialog } from '../notice/dialog.tsx'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { ProblemPanel } from '../notice/problem-panel.tsx'
import { SecretCard } from '../secret/secret-card.tsx'
import { useMayWrite } from '../session/use-session.ts'
import { KeyForm } from './key-form.tsx'
import { KeyRow } from './key-row.tsx'

/** Keys by which programs manage tokens. */
export function KeysCard(): ReactElement {
  const keys = useInfiniteQuery(keysQuery)
  const [secret, setSecret] = useState<string>()
  const mayWrite = useMayWrite()
  const items = keys.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="card stack" aria-labelledby="keys">
      <div>
        <h2 className="section-title" id="keys">
          Management keys
        </h2>
        <p className="small dimmed">For programs of yours that call the management API.</p>
      </div>
      {keys.isError && <ProblemPanel error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isPending && <Skeleton height={120} />}
      {keys.data !== undefined && items.length === 0 && (
        <p className="dimmed">There are no keys yet.</p>
      )}
      <ul className="log" aria-label="Management keys">
        {items.map((key) => (
          <KeyRow key={key.id} managementKey={key} />
        ))}
      </ul>
      {keys.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={keys.isFetchingNextPage}
            onClick={() => void keys.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
      {mayWrite && <KeyForm onCreated={setSecret} />}
      <KeySecretDialog key={secret ?? ''} secret={secret} onClose={() => setSecret(undefined)} />
    </section>
  )
}

function KeySecretDialog(props: { secret: string | undefined; onClose: () => void }): ReactElement {
  const { secret, onClose } = props
  const [isTaken, setIsTaken] = useState(false)
  return (
    // Closed by a stray click or key, the key would be gone.
    <Dialog
      opened={secret !== undefined}
      title="The new key"
      size="lg"
      {...(isTaken ? { onClose } : {})}
    >
      <div className="stack">
        {secret !== undefined && (
          <SecretCard secret={secret} isTaken={isTaken} onTaken={() => setIsTaken(true)} />
        )}
        <div>
          <Button variant="default" onClick={onClose}>
            {isTaken ? 'Done' : 'Close without copying'}
          </Button>
        </div>
      </div>
      <LeaveQuestion
        isAsked={secret !== undefined && !isTaken}
        title="Leave without the key?"
        text="It was not copied yet, and it is never shown again. Without it the key is of no use, and should be revoked."
      />
    </Dialog>
  )
}
