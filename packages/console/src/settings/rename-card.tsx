import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { LeaveQuestion } from '../notice/leave-question.tsx'
import { useTokenChange } from '../token/use-token-change.ts'
import { SettingCard } from './setting-card.tsx'

/** Another name for a token. */
export function RenameCard({ stored }: { stored: VersionedToken }): ReactElement {
  const { token } = stored
  const [typed, setTyped] = useState<string>()
  const { change, isPending } = useTokenChange()
  const name = typed ?? token.name
  const trimmed = name.trim()
  // By other ways a name may have blanks around it: as it stands, it is nothing that was typed.
  const isChanged = name !== token.name && trimmed !== token.name
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change(
      stored,
      { kind: 'members', changes: { name: trimmed } },
      {
        done: `Renamed to ${trimmed}.`,
        undo: { kind: 'members', changes: { name: token.name } },
        onDone: () => setTyped(undefined),
      },
    )
  }
  return (
    <SettingCard title="Name" text="For people alone: callers never see it.">
      <form className="field-line" onSubmit={submit}>
        <TextInput
          className="grow"
          aria-label="Name"
          maxLength={200}
          value={name}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={isPending}
          disabled={trimmed === '' || !isChanged}
        >
          Rename
        </Button>
      </form>
      <LeaveQuestion
        isAsked={isChanged}
        title="Leave without saving?"
        text="The name that you typed is not saved yet."
      />
    </SettingCard>
  )
}
