import { Button } from '@mantine/core'
import { useTimeout } from '@mantine/hooks'
import { type ReactElement, useState } from 'react'
import { Icon } from '../icon/icon.tsx'

const SHOWN_MS = 2_000

/**
 * Copies a text, and says that it did. A browser may keep a page from copying: one in a frame that does
 * not allow it, or whose person said no.
 */
export function CopyButton(props: {
  text: string
  label: string
  variant?: 'filled' | 'default'
  /** Only once it is in the clipboard. */
  onCopied?: () => void
}): ReactElement {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  const forgetSoon = useTimeout(() => setOutcome(undefined), SHOWN_MS)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text)
    } catch {
      forgetSoon.clear()
      setOutcome('failed')
      return
    }
    setOutcome('copied')
    forgetSoon.start()
    props.onCopied?.()
  }
  return (
    <>
      <Button
        size="xs"
        variant={props.variant ?? 'default'}
        leftSection={<Icon name={outcome === 'copied' ? 'done' : 'copy'} size={15} />}
        onClick={() => void copy()}
      >
        <span aria-live="polite">{outcome === 'copied' ? 'Copied' : props.label}</span>
      </Button>
      {outcome === 'failed' && (
        <span className="small tone-warn" role="alert">
          This browser did not let the page copy. Select the text, and copy it by hand.
        </span>
      )}
    </>
  )
}
