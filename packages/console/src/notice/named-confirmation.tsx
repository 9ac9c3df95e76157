import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemPanel } from './problem-panel.tsx'

/** Asks for the name of what is about to end, so that it is not ended by mistake. */
export function NamedConfirmation(props: {
  name: string
  title: string
  text: string
  action: string
  opened: boolean
  isPending: boolean
  error?: unknown
  onClose: () => void
  onConfirm: () => void
}): ReactElement {
  const [typed, setTyped] = useState('')
  const close = (): void => {
    setTyped('')
    props.onClose()
  }
  const isSame = typed.trim() === props.name.trim()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSame) props.onConfirm()
  }
  return (
    <Dialog opened={props.opened} onClose={close} title={props.title}>
      <form className="stack" onSubmit={submit}>
        <p>{props.text}</p>
        <TextInput
          label={
            <span className="wrap">
              Type <strong>{props.name}</strong> to confirm
            </span>
          }
          data-autofocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {props.error !== undefined && props.error !== null && <ProblemPanel error={props.error} />}
        <div className="row-wrap">
          <Button type="submit" color="red" disabled={!isSame} loading={props.isPending}>
            {props.action}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
