import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import type { VersionedToken } from '../api/client.ts'
import { SettingCard } from './setting-card.tsx'
import { useSettledChange } from './use-settled-change.ts'

/** Another name for a token. */
export function RenameCard({ stored }: { stored: VersionedToken }): ReactElement {
  const { token } = stored
  const [name, setName] = useState(token.name)
  const { change, isPending } = useSettledChange(stored)
  const trimmed = name.trim()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change(
      { kind: 'members', changes: { name: trimmed } },
      {
        done: `Renamed to ${trimmed}.`,
        undo: { kind: 'members', changes: { name: token.name } },
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
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={isPending}
          disabled={trimmed === '' || trimmed === token.name}
        >
          Rename
        </Button>
      </form>
    </SettingCard>
  )
}
