import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemPanel } from './problem-panel.tsx'

interface Confirmation {
  readonly name: string
  readonly title: string
  readonly text: string
  readonly action: string
  readonly opened: boolean
  readonly isPending: boolean
  readonly error?: unknown
  readonly onClose: () => void
  readonly onConfirm: () => void
}

/** Asks for the name of what is about to end, so that it is not ended by mistake. */
export function NamedConfirmation(props: Confirmation): ReactElement {
  const { opened, title, isPending, onClose } = props
  return (
    // What is sent cannot be called back: the question stays until that is answered.
    <Dialog opened={opened} title={title} layer="form" {...(isPending ? {} : { onClose })}>
      <ConfirmationForm {...props} />
    </Dialog>
  )
}

/** Drawn while it is asked alone, so that nothing typed is left for the next time. */
function ConfirmationForm(props: Confirmation): ReactElement {
  const { name, text, action, isPending, error, onClose, onConfirm } = props
  const [typed, setTyped] = useState('')
  const isSame = typed.trim() === name.trim()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSame && !isPending) onConfirm()
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p>{text}</p>
      <TextInput
        label={
          <span className="wrap">
            Type <strong>{name}</strong> to confirm
          </span>
        }
        data-autofocus
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {error !== undefined && error !== null && <ProblemPanel error={error} />}
      <div className="row-wrap">
        <Button type="submit" color="red" disabled={!isSame} loading={isPending}>
          {action}
        </Button>
        <Button variant="default" disabled={isPending} onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
