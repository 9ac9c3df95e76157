import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { notifyProblem } from '../notice/notify.tsx'
import { ApiProblem } from '../api/problem.ts'
import { exactTime } from '../time/relative-time.ts'
import { expiryTime } from '../token/expiry.ts'
import { type Expiry, ExpiryFields } from '../token/expiry-fields.tsx'
import { useTokenChange } from '../token/use-token-change.ts'
import { SettingCard } from './setting-card.tsx'

/** When a token expires, and another time for it. */
export function ExpiryCard({ stored }: { stored: VersionedToken }): ReactElement {
  const { expiresAt } = stored.token
  const [chosen, setChosen] = useState<Expiry>()
  const stands = expiryOf(expiresAt)
  const expiry = chosen ?? stands
  // A date that is left as it stands would move the end to the last second of that day.
  const isChanged = expiry.choice !== stands.choice || expiry.date !== stands.date
  const { change, isPending } = useTokenChange()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const time = expiryTime(expiry.choice, expiry.date, Date.now())
    if (time === undefined) {
      notifyProblem(
        new ApiProblem({
          status: 400,
          code: 'date',
          detail: 'Choose a last day that is still to come.',
        }),
      )
      return
    }
    change(
      stored,
      { kind: 'members', changes: { expiresAt: time } },
      {
        done:
          time === null ? 'It never expires now.' : `It expires ${exactTime(Date.parse(time))}.`,
        undo: { kind: 'members', changes: { expiresAt } },
        onDone: () => setChosen(undefined),
      },
    )
  }
  const now = expiresAt === null ? 'Never.' : `Now: ${exactTime(Date.parse(expiresAt))}.`
  return (
    <SettingCard title="Expiry" text={now}>
      <form className="stack" onSubmit={submit}>
        <ExpiryFields expiry={expiry} onChange={setChosen} />
        <div>
          <Button type="submit" variant="default" loading={isPending} disabled={!isChanged}>
            Change expiry
          </Button>
        </div>
      </form>
      <LeaveQuestion
        isAsked={isChanged}
        title="Leave without saving?"
        text="The expiry that you chose is not saved yet."
      />
    </SettingCard>
  )
}

function expiryOf(expiresAt: string | null): Expiry {
  return expiresAt === null
    ? { choice: 'never', date: '' }
    : { choice: 'date', date: localDay(expiresAt) }
}

/** The day of a time in the reader's zone, as a date field takes it. */
function localDay(time: string): string {
  const date = new Date(time)
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 10)
}
