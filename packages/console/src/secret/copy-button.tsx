import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import type { ReactElement } from 'react'
import { Icon } from '../icon/icon.tsx'

/** Copies a text, and says that it did. */
export function CopyButton(props: {
  text: string
  label: string
  variant?: 'filled' | 'default'
  onCopied?: () => void
}): ReactElement {
  const clipboard = useClipboard({ timeout: 2_000 })
  const copy = (): void => {
    clipboard.copy(props.text)
    props.onCopied?.()
  }
  return (
    <Button
      size="xs"
      variant={props.variant ?? 'default'}
      leftSection={<Icon name={clipboard.copied ? 'done' : 'copy'} size={15} />}
      onClick={copy}
    >
      <span aria-live="polite">{clipboard.copied ? 'Copied' : props.label}</span>
    </Button>
  )
}
