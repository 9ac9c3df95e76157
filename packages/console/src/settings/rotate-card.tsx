import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { Dialog } from '../notice/dialog.tsx'
import {
  answerOf,
  api,
  type ReadToken,
  type RotatedToken,
  type VersionedToken,
} from '../api/client.ts'
import { isOvertaken, mayBeDone } from '../api/problem.ts'
import { tokenQuery } from '../api/queries.ts'
import { whileMeant } from '../api/while-meant.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { notifyProblem } from '../notice/notify.tsx'
import { Panel } from '../notice/panel.tsx'
import { SecretCard } from '../secret/secret-card.tsx'
import { type ChangedToken, keepToken } from '../token/keep-token.ts'
import { exactTime } from '../time/relative-time.ts'
import { SettingCard } from './setting-card.tsx'

/** A new secret, and for how long the old one lives on. */
export function RotateCard({ stored }: { stored: VersionedToken }): ReactElement {
  const [overlap, setOverlap] = useState('3600000')
  const [rotated, setRotated] = useState<RotatedToken>()
  const { rotating, rotate } = useRotating(stored, setRotated)
  const overlapMs = Number(overlap)
  return (
    <SettingCard
      title="Rotate"
      text="Issues a new secret. At most two live: one that was ending already ends at once."
    >
      <OldSecret {...stored.token} />
      <div className="field-line">
        <NativeSelect
          className="grow"
          label="The old secret works for"
          description={endText(overlapMs, stored.token.expiresAt)}
          data={OVERLAPS}
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
        />
        <Button variant="default" loading={rotating.isPending} onClick={() => rotate(overlapMs)}>
          Rotate
        </Button>
      </div>
      <LeaveQuestion
        isAsked={rotating.isPending}
        title="Leave before the secret is here?"
        text="The new secret is on its way, and shown once. Whoever leaves now loses it."
      />
      <RotatedDialog
        key={rotated?.secret ?? ''}
        rotated={rotated}
        onClose={() => setRotated(undefined)}
      />
    </SettingCard>
  )
}

function OldSecret({ status, previousSecretEndsAt }: ReadToken): ReactElement | null {
  const endsAt = previousSecretEndsAt === null ? 0 : Date.parse(previousSecretEndsAt)
  if (status !== 'active' || endsAt <= Date.now()) return null
  return <Panel tone="accent">The old secret still works. It ends {exactTime(endsAt)}.</Panel>
}

const OVERLAPS = [
  { value: '0', label: 'no longer: it ends now' },
  { value: '900000', label: '15 minutes' },
  { value: '3600000', label: '1 hour' },
  { value: '86400000', label: '24 hours' },
  { value: '604800000', label: '7 days' },
]

function endText(overlapMs: number, expiresAt: string | null): string {
  if (overlapMs === 0) return 'It ends as soon as you rotate.'
  const end = Date.now() + overlapMs
  const expiry = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
  return `It would end ${exactTime(Math.min(end, expiry))}.`
}

const sendWhileMeant = whileMeant(sendRotation)

function useRotating(stored: VersionedToken, onRotated: (rotated: RotatedToken) => void) {
  const { id } = stored.token
  const queries = useQueryClient()
  // One key for one rotation, however often it is sent: one whose answer was lost is not made twice.
  const [pending, setPending] = useState<Rotation>()
  const rotating = useMutation({
    mutationFn: sendWhileMeant,
    onSuccess: ({ rotated, now }) => {
      setPending(undefined)
      onRotated(rotated)
      // Of a rotation that was made before, the answer does not tell the version: the next one waits.
      if (now === undefined) return queries.invalidateQueries(tokenQuery(id))
      return keepToken(queries, now)
    },
    onError: (error) => {
      if (!mayBeDone(error)) setPending(undefined)
      if (isOvertaken(error)) void queries.invalidateQueries(tokenQuery(id))
      notifyProblem(error)
    },
  })
  const rotate = (overlapMs: number): void => {
    const isAgain = pending?.overlapMs === overlapMs
    const rotation = isAgain ? pending : { overlapMs, idempotencyKey: crypto.randomUUID() }
    setPending(rotation)
    rotating.mutate({ stored, rotation })
  }
  return { rotating, rotate }
}

interface SentRotation {
  readonly stored: VersionedToken
  readonly rotation: Rotation
}

interface Rotation {
  readonly overlapMs: number
  readonly idempotencyKey: string
}

async function sendRotation({ stored, rotation }: SentRotation): Promise<{
  readonly rotated: RotatedToken
  readonly now: ChangedToken | undefined
}> {
  const { id } = stored.token
  const { overlapMs, idempotencyKey } = rotation
  const header = { 'If-Match': stored.etag, 'Idempotency-Key': idempotencyKey }
  const params = { path: { id }, header }
  const { body: rotated, etag: etagNow } = await answerOf(
    api.POST('/v1/tokens/{id}/rotate', { params, body: { overlapMs } }),
  )
  return { rotated, now: versionNow(rotated, { overlapMs, etag: etagNow }) }
}

/** What the token is now, without its secret; `undefined` if the answer has no version of it. */
function versionNow(
  rotated: RotatedToken,
  { overlapMs, etag }: { overlapMs: number; etag: string },
): ChangedToken | undefined {
  if (etag === '') return undefined
  const { secret: _, ...token } = rotated
  const previousSecretEndsAt = overlapMs === 0 ? null : token.previousSecretEndsAt
  return { token: { ...token, previousSecretEndsAt }, etag }
}

function RotatedDialog(props: {
  rotated: RotatedToken | undefined
  onClose: () => void
}): ReactElement {
  const { rotated, onClose } = props
  const [isTaken, setIsTaken] = useState(false)
  const secret = rotated?.secret
  const mayClose = isTaken || secret === undefined
  return (
    // Closed by a stray click or key, the secret would be gone.
    <Dialog
      opened={rotated !== undefined}
      title="Rotated"
      size="lg"
      {...(mayClose ? { onClose } : {})}
    >
      <div className="stack">
        {rotated !== undefined && (
          <Panel tone="quiet">
            The old secret ends {exactTime(Date.parse(rotated.previousSecretEndsAt))}.
          </Panel>
        )}
        {secret === undefined ? (
          <Panel tone="warn" role="alert">
            The token is rotated, but the answer with its new secret was lost on the way, and a
            secret is shown once. What your programs use now still works, until the time above.
            Rotating once more gives another secret, and ends that at once.
          </Panel>
        ) : (
          <SecretCard secret={secret} isTaken={isTaken} onTaken={() => setIsTaken(true)} />
        )}
        <div>
          <Button variant="default" onClick={onClose}>
            {mayClose ? 'Done' : 'Close without copying'}
          </Button>
        </div>
      </div>
      <LeaveQuestion
        isAsked={secret !== undefined && !isTaken}
        title="Leave without the secret?"
        text="It was not copied yet, and it is never shown again. Rotating once more gives another, and ends at once what your programs use now."
      />
    </Dialog>
  )
}
