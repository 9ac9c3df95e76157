import { Modal } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'

/** A question or a form over the page. Without `onClose` it stays until it is answered. */
export function Dialog(props: {
  opened: boolean
  title: string
  size?: 'md' | 'lg'
  layer?: keyof typeof LAYERS
  onClose?: () => void
  children: ReactNode
}): ReactElement {
  const { opened, title, size = 'md', layer, onClose, children } = props
  const canClose = onClose !== undefined
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose ?? (() => {})}
      size={size}
      zIndex={LAYERS[layer ?? (canClose ? 'form' : 'secret')]}
      closeOnEscape={canClose}
      closeOnClickOutside={canClose}
      // Locking the scroll writes a <style> into the page, which the Content-Security-Policy forbids.
      lockScroll={false}
      centered
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* A header outside the page's main part would be a second banner. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          {canClose && <Modal.CloseButton aria-label="Close" />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

/** A question about leaving stands over every form, and signing in over everything. */
const LAYERS = { form: 200, secret: 400, question: 500, signIn: 600 } as const
